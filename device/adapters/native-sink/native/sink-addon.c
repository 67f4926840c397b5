/*
 * A place for sound (sink-device.h) as a Node addon: checks arguments, opens off the JavaScript thread, nothing else.
 * Compiled once with each device, so that ALSA and PulseAudio look the same from TypeScript.
 */
#define NAPI_VERSION 8
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <node_api.h>

#include "sink-device.h"

/* What JavaScript holds: its device is NULL once closed. */
typedef struct {
  sink_device_t *device;
  unsigned channels;
  unsigned sample_bits;
} holder_t;

/* An opening on its way through the thread pool. */
typedef struct {
  sink_request_t request;
  sink_grant_t grant;
  char problem[SINK_PROBLEM_BYTES_MAX];
  sink_device_t *device;
  napi_deferred deferred;
  napi_async_work work;
} opening_t;

static void let_go(holder_t *holder) {
  if (holder->device != NULL) sink_close(holder->device);
  holder->device = NULL;
}

static void finalize_holder(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  let_go(data);
  free(data);
}

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

static napi_value boolean(napi_env env, int value) {
  napi_value result = NULL;
  napi_get_boolean(env, value != 0, &result);
  return result;
}

static void open_in_pool(napi_env env, void *data) {
  (void)env;
  opening_t *opening = data;
  opening->device = sink_open(&opening->request, &opening->grant, opening->problem);
}

/* { device, bufferFrames, periodFrames, sampleBits, canRewind, playsToNobody }, or NULL without memory for it. */
static napi_value opened(napi_env env, opening_t *opening) {
  napi_value result, external;
  holder_t *holder = calloc(1, sizeof *holder);
  if (holder == NULL) return NULL;
  holder->device = opening->device;
  holder->channels = opening->request.channels;
  holder->sample_bits = opening->grant.sample_bits;
  if (napi_create_external(env, holder, finalize_holder, NULL, &external) != napi_ok) {
    free(holder);
    return NULL;
  }
  opening->device = NULL;
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "device", external);
  napi_set_named_property(env, result, "bufferFrames", number(env, opening->grant.buffer_frames));
  napi_set_named_property(env, result, "periodFrames", number(env, opening->grant.period_frames));
  napi_set_named_property(env, result, "sampleBits", number(env, opening->grant.sample_bits));
  napi_set_named_property(env, result, "canRewind", boolean(env, opening->grant.can_rewind));
  napi_set_named_property(env, result, "playsToNobody", boolean(env, opening->grant.plays_to_nobody));
  return result;
}

static void settle(napi_env env, napi_status status, void *data) {
  opening_t *opening = data;
  napi_value result = NULL, message, error;
  if (status == napi_ok && opening->device != NULL) result = opened(env, opening);
  if (result != NULL) {
    napi_resolve_deferred(env, opening->deferred, result);
  } else {
    const char *text = opening->problem[0] == '\0' ? "it was not opened" : opening->problem;
    napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message);
    napi_create_error(env, NULL, message, &error);
    napi_reject_deferred(env, opening->deferred, error);
  }
  if (opening->device != NULL) sink_close(opening->device);
  napi_delete_async_work(env, opening->work);
  free(opening);
}

/* open(name, rate, channels, bufferFrames, periodFrames, sampleBits) -> a promise of what was opened */
static napi_value js_open(napi_env env, napi_callback_info info) {
  napi_value arguments[6], promise, label;
  size_t count = 6, length = 0;
  sink_request_t request = {0};
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 6 ||
      napi_get_value_string_utf8(env, arguments[0], request.name, sizeof request.name, &length) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &request.rate) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &request.channels) != napi_ok ||
      napi_get_value_uint32(env, arguments[3], &request.buffer_frames) != napi_ok ||
      napi_get_value_uint32(env, arguments[4], &request.period_frames) != napi_ok ||
      napi_get_value_uint32(env, arguments[5], &request.sample_bits) != napi_ok || request.rate == 0 ||
      request.channels == 0 || request.channels > 8 || request.period_frames == 0 ||
      request.buffer_frames < request.period_frames ||
      (request.sample_bits != 16 && request.sample_bits != 24 && request.sample_bits != 32)) {
    napi_throw_type_error(env, NULL, "expected name, rate, channels, bufferFrames, periodFrames, sampleBits");
    return NULL;
  }
  opening_t *opening = calloc(1, sizeof *opening);
  if (opening == NULL) return NULL;
  opening->request = request;
  napi_create_string_utf8(env, "tonearm-sink-open", NAPI_AUTO_LENGTH, &label);
  if (napi_create_promise(env, &opening->deferred, &promise) != napi_ok ||
      napi_create_async_work(env, NULL, label, open_in_pool, settle, opening, &opening->work) != napi_ok) {
    free(opening);
    napi_throw_error(env, NULL, "cannot open off this thread");
    return NULL;
  }
  napi_queue_async_work(env, opening->work);
  return promise;
}

/* The open device of a call's first argument; NULL (and an exception) when it is none. */
static holder_t *holder_of(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  size_t given = count;
  void *data = NULL;
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok || given < count ||
      napi_get_value_external(env, arguments[0], &data) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a device and the call's other arguments");
    return NULL;
  }
  holder_t *holder = data;
  if (holder->device == NULL) {
    napi_throw_error(env, NULL, "the device is closed");
    return NULL;
  }
  return holder;
}

/* write(device, Int16Array | Int32Array, frames) -> frames taken, or a negative errno */
static napi_value js_write(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  napi_typedarray_type type;
  size_t length = 0;
  void *samples = NULL;
  uint32_t count = 0;
  holder_t *holder = holder_of(env, info, 3, arguments);
  if (holder == NULL) return NULL;
  napi_typedarray_type wanted = holder->sample_bits == 16 ? napi_int16_array : napi_int32_array;
  if (napi_get_typedarray_info(env, arguments[1], &type, &length, &samples, NULL, NULL) != napi_ok || type != wanted ||
      napi_get_value_uint32(env, arguments[2], &count) != napi_ok || (size_t)count * holder->channels > length) {
    napi_throw_type_error(env, NULL, "expected samples as wide as granted, at least as long as the frames to be written");
    return NULL;
  }
  return number(env, count == 0 ? 0 : (double)sink_write(holder->device, samples, count));
}

/* avail(device) -> frames that can be written, or a negative errno */
static napi_value js_avail(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  holder_t *holder = holder_of(env, info, 1, arguments);
  return holder == NULL ? NULL : number(env, (double)sink_avail(holder->device));
}

/* status(device, Float64Array(3)) -> 0 or a negative errno; fills in state, delay in frames, age of both in microseconds */
static napi_value js_status(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  napi_typedarray_type type;
  size_t length = 0;
  void *data = NULL;
  sink_status_t status = {0};
  holder_t *holder = holder_of(env, info, 2, arguments);
  if (holder == NULL) return NULL;
  if (napi_get_typedarray_info(env, arguments[1], &type, &length, &data, NULL, NULL) != napi_ok ||
      type != napi_float64_array || length < 3) {
    napi_throw_type_error(env, NULL, "expected a Float64Array of 3");
    return NULL;
  }
  int code = sink_status(holder->device, &status);
  double *out = data;
  if (code >= 0) out[0] = status.state, out[1] = status.delay_frames, out[2] = status.age_us;
  return number(env, code);
}

/* rewind(device, frames) -> frames taken back, or a negative errno */
static napi_value js_rewind(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t count = 0;
  holder_t *holder = holder_of(env, info, 2, arguments);
  if (holder == NULL) return NULL;
  napi_get_value_uint32(env, arguments[1], &count);
  return number(env, count == 0 ? 0 : (double)sink_rewind(holder->device, count));
}

static napi_value js_recover(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t code = 0;
  holder_t *holder = holder_of(env, info, 2, arguments);
  if (holder == NULL) return NULL;
  napi_get_value_int32(env, arguments[1], &code);
  return number(env, sink_recover(holder->device, code));
}

static napi_value js_start(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  holder_t *holder = holder_of(env, info, 1, arguments);
  return holder == NULL ? NULL : number(env, sink_start(holder->device));
}

static napi_value js_reset(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  holder_t *holder = holder_of(env, info, 1, arguments);
  return holder == NULL ? NULL : number(env, sink_reset(holder->device));
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  holder_t *holder = holder_of(env, info, 1, arguments);
  if (holder != NULL) let_go(holder);
  return NULL;
}

static napi_value js_strerror(napi_env env, napi_callback_info info) {
  napi_value argument, result = NULL;
  size_t count = 1;
  int32_t code = 0;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  if (count == 1) napi_get_value_int32(env, argument, &code);
  napi_create_string_utf8(env, sink_strerror(code), NAPI_AUTO_LENGTH, &result);
  return result;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback function;
  } functions[] = {
      {"open", js_open},     {"write", js_write},     {"avail", js_avail}, {"status", js_status},
      {"rewind", js_rewind}, {"recover", js_recover}, {"start", js_start}, {"reset", js_reset},
      {"close", js_close},   {"strerror", js_strerror},
  };
  for (size_t index = 0; index < sizeof functions / sizeof *functions; index += 1) {
    napi_value function;
    napi_create_function(env, functions[index].name, NAPI_AUTO_LENGTH, functions[index].function, NULL, &function);
    napi_set_named_property(env, exports, functions[index].name, function);
  }
  return exports;
}
