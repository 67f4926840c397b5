/*
 * The kernel's word of changed links and addresses (netlink-listener.h) as a Node addon: carries it to the JavaScript thread.
 *
 * One call on its way is enough, since all say the same. It keeps no process alive, and ends with the JavaScript that
 * opened it, closed or not.
 */
#define NAPI_VERSION 8
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <node_api.h>

#include "netlink-listener.h"

#define CALLS_QUEUED_MAX 1

typedef struct {
  napi_env env;
  napi_threadsafe_function calls;
  /* NULL once closed. */
  netlink_listener_t *listener;
  /* What has ended the listening; 0 while it goes on. Set before the call that tells it. */
  atomic_int problem;
  /* What JavaScript holds, and the queue of calls: the last that goes frees it. */
  int holders;
} ear_t;

static void let_go(ear_t *ear) {
  ear->holders -= 1;
  if (ear->holders == 0) free(ear);
}

/* On the listener's thread. A full queue is as good: the call in it has still to read the problem. */
static void tell(void *owner, int problem) {
  ear_t *ear = owner;
  if (problem != 0) atomic_store(&ear->problem, problem);
  napi_call_threadsafe_function(ear->calls, NULL, napi_tsfn_nonblocking);
}

/* heard(problem) in JavaScript: null, or words for what has ended it. */
static void call_heard(napi_env env, napi_value heard, void *context, void *data) {
  (void)data;
  ear_t *ear = context;
  if (env == NULL || heard == NULL || ear->listener == NULL) return;
  int problem = atomic_load(&ear->problem);
  napi_value nobody, argument;
  napi_get_undefined(env, &nobody);
  if (problem == 0) {
    napi_get_null(env, &argument);
  } else {
    napi_create_string_utf8(env, strerror(problem), NAPI_AUTO_LENGTH, &argument);
  }
  napi_call_function(env, nobody, heard, 1, &argument, NULL);
}

static void stop_listening(ear_t *ear) {
  netlink_listener_close(ear->listener);
  ear->listener = NULL;
  napi_release_threadsafe_function(ear->calls, napi_tsfn_abort);
}

/* The JavaScript ends, a worker's too, and nobody has closed it. */
static void environment_ends(void *data) {
  stop_listening(data);
}

static void shut(ear_t *ear) {
  if (ear->listener == NULL) return;
  napi_remove_env_cleanup_hook(ear->env, environment_ends, ear);
  stop_listening(ear);
}

static void finalize_calls(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  let_go(data);
}

static void finalize_holder(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  shut(data);
  let_go(data);
}

static napi_value fail(napi_env env, const char *why) {
  napi_throw_error(env, NULL, why);
  return NULL;
}

/* open(heard) -> what close takes. Throws what keeps it from listening. */
static napi_value js_open(napi_env env, napi_callback_info info) {
  napi_value heard, label, external;
  size_t count = 1;
  napi_valuetype type = napi_undefined;
  if (napi_get_cb_info(env, info, &count, &heard, NULL, NULL) != napi_ok || count < 1 ||
      napi_typeof(env, heard, &type) != napi_ok || type != napi_function) {
    napi_throw_type_error(env, NULL, "expected a function");
    return NULL;
  }
  ear_t *ear = calloc(1, sizeof *ear);
  if (ear == NULL) return fail(env, strerror(ENOMEM));
  ear->env = env;
  ear->holders = 1;
  napi_create_string_utf8(env, "tonearm-network-watch", NAPI_AUTO_LENGTH, &label);
  if (napi_create_external(env, ear, finalize_holder, NULL, &external) != napi_ok) {
    free(ear);
    return fail(env, "cannot be held");
  }
  if (napi_create_threadsafe_function(env, heard, NULL, label, CALLS_QUEUED_MAX, 1, ear, finalize_calls, ear, call_heard,
                                      &ear->calls) != napi_ok) {
    return fail(env, "cannot call from another thread");
  }
  ear->holders += 1;
  napi_unref_threadsafe_function(env, ear->calls);
  int problem = netlink_listener_open(&ear->listener, tell, ear);
  if (problem != 0) {
    napi_release_threadsafe_function(ear->calls, napi_tsfn_abort);
    return fail(env, strerror(problem));
  }
  napi_add_env_cleanup_hook(env, environment_ends, ear);
  return external;
}

/* close(opened): no call follows. Twice is harmless. */
static napi_value js_close(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  void *data = NULL;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count < 1 ||
      napi_get_value_external(env, argument, &data) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected what was opened");
    return NULL;
  }
  shut(data);
  return NULL;
}

static void add_function(napi_env env, napi_value exports, const char *name, napi_callback call) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, call, NULL, &function);
  napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT() {
  add_function(env, exports, "open", js_open);
  add_function(env, exports, "close", js_close);
  return exports;
}
