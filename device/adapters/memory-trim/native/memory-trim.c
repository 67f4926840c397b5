/*
 * Gives memory that was freed back to the system: the C library keeps it, in an arena for each thread that ever asked for
 * some, in case it is wanted again.
 */
#define NAPI_VERSION 8
#include <malloc.h>

#include <node_api.h>

/* trim() -> 1 when some was given back. Other C libraries than glibc give back by themselves. */
static napi_value js_trim(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result = NULL;
#ifdef __GLIBC__
  napi_create_int32(env, malloc_trim(0), &result);
#else
  napi_create_int32(env, 0, &result);
#endif
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "trim", NAPI_AUTO_LENGTH, js_trim, NULL, &function);
  napi_set_named_property(env, exports, "trim", function);
  return exports;
}
