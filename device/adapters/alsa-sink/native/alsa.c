/*
 * A thin way to ALSA's PCM for playback: open, write without blocking, ask for delay and time stamps, drop, recover.
 *
 * Why our own: none of the packages at hand gives the delay with its time stamp, a chosen latency and a count of
 * underruns, which a speaker that tells positions (and later plays in a group) needs. libasound is opened at run time, so
 * that one binary also runs where there is none and can say so; its types are opaque, so its headers are not needed.
 * Policy (when to recover, what counts as an underrun) lives in alsa-sink.ts: here each call is one call.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <node_api.h>

typedef struct _snd_pcm snd_pcm_t;
typedef struct _snd_pcm_hw_params snd_pcm_hw_params_t;
typedef struct _snd_pcm_sw_params snd_pcm_sw_params_t;
typedef struct _snd_pcm_status snd_pcm_status_t;
typedef struct _snd_output snd_output_t;
typedef unsigned long uframes_t;
typedef long sframes_t;
typedef void (*error_handler_t)(const char *, int, const char *, int, const char *, ...);

/* From alsa/pcm.h, where they are part of the stable binary interface. */
enum { STREAM_PLAYBACK = 0, MODE_NONBLOCK = 1, ACCESS_RW_INTERLEAVED = 3 };
enum { FORMAT_S16_LE = 2, FORMAT_S16_BE = 3, TSTAMP_ENABLE = 1, TSTAMP_MONOTONIC = 1 };

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FORMAT_S16_NATIVE FORMAT_S16_LE
#else
#define FORMAT_S16_NATIVE FORMAT_S16_BE
#endif

/* Every function that is used: result, name, arguments. */
#define ALSA_FUNCTIONS(X)                                                                            \
  X(int, snd_pcm_open, (snd_pcm_t **, const char *, int, int))                                       \
  X(int, snd_pcm_close, (snd_pcm_t *))                                                               \
  X(int, snd_pcm_prepare, (snd_pcm_t *))                                                             \
  X(int, snd_pcm_start, (snd_pcm_t *))                                                               \
  X(int, snd_pcm_drop, (snd_pcm_t *))                                                                \
  X(int, snd_pcm_recover, (snd_pcm_t *, int, int))                                                   \
  X(sframes_t, snd_pcm_writei, (snd_pcm_t *, const void *, uframes_t))                               \
  X(sframes_t, snd_pcm_avail_update, (snd_pcm_t *))                                                  \
  X(int, snd_pcm_delay, (snd_pcm_t *, sframes_t *))                                                  \
  X(int, snd_pcm_state, (snd_pcm_t *))                                                               \
  X(int, snd_pcm_dump, (snd_pcm_t *, snd_output_t *))                                                \
  X(int, snd_output_buffer_open, (snd_output_t **))                                                  \
  X(size_t, snd_output_buffer_string, (snd_output_t *, char **))                                     \
  X(int, snd_output_close, (snd_output_t *))                                                         \
  X(const char *, snd_strerror, (int))                                                               \
  X(int, snd_lib_error_set_handler, (error_handler_t))                                               \
  X(int, snd_config_update_free_global, (void))                                                      \
  X(int, snd_pcm_hw_params_malloc, (snd_pcm_hw_params_t **))                                         \
  X(void, snd_pcm_hw_params_free, (snd_pcm_hw_params_t *))                                           \
  X(int, snd_pcm_hw_params_any, (snd_pcm_t *, snd_pcm_hw_params_t *))                                \
  X(int, snd_pcm_hw_params_set_rate_resample, (snd_pcm_t *, snd_pcm_hw_params_t *, unsigned))        \
  X(int, snd_pcm_hw_params_set_access, (snd_pcm_t *, snd_pcm_hw_params_t *, int))                    \
  X(int, snd_pcm_hw_params_set_format, (snd_pcm_t *, snd_pcm_hw_params_t *, int))                    \
  X(int, snd_pcm_hw_params_set_channels, (snd_pcm_t *, snd_pcm_hw_params_t *, unsigned))             \
  X(int, snd_pcm_hw_params_set_rate, (snd_pcm_t *, snd_pcm_hw_params_t *, unsigned, int))            \
  X(int, snd_pcm_hw_params_set_period_size_near, (snd_pcm_t *, snd_pcm_hw_params_t *, uframes_t *, int *)) \
  X(int, snd_pcm_hw_params_set_buffer_size_near, (snd_pcm_t *, snd_pcm_hw_params_t *, uframes_t *))  \
  X(int, snd_pcm_hw_params, (snd_pcm_t *, snd_pcm_hw_params_t *))                                    \
  X(int, snd_pcm_sw_params_malloc, (snd_pcm_sw_params_t **))                                         \
  X(void, snd_pcm_sw_params_free, (snd_pcm_sw_params_t *))                                           \
  X(int, snd_pcm_sw_params_current, (snd_pcm_t *, snd_pcm_sw_params_t *))                            \
  X(int, snd_pcm_sw_params_set_start_threshold, (snd_pcm_t *, snd_pcm_sw_params_t *, uframes_t))     \
  X(int, snd_pcm_sw_params_set_avail_min, (snd_pcm_t *, snd_pcm_sw_params_t *, uframes_t))           \
  X(int, snd_pcm_sw_params_set_tstamp_mode, (snd_pcm_t *, snd_pcm_sw_params_t *, int))               \
  X(int, snd_pcm_sw_params_set_tstamp_type, (snd_pcm_t *, snd_pcm_sw_params_t *, int))               \
  X(int, snd_pcm_sw_params_get_boundary, (const snd_pcm_sw_params_t *, uframes_t *))                 \
  X(int, snd_pcm_sw_params_set_silence_threshold, (snd_pcm_t *, snd_pcm_sw_params_t *, uframes_t))   \
  X(int, snd_pcm_sw_params_set_silence_size, (snd_pcm_t *, snd_pcm_sw_params_t *, uframes_t))        \
  X(int, snd_pcm_sw_params, (snd_pcm_t *, snd_pcm_sw_params_t *))                                    \
  X(int, snd_pcm_status_malloc, (snd_pcm_status_t **))                                               \
  X(void, snd_pcm_status_free, (snd_pcm_status_t *))                                                 \
  X(int, snd_pcm_status, (snd_pcm_t *, snd_pcm_status_t *))                                          \
  X(int, snd_pcm_status_get_state, (const snd_pcm_status_t *))                                       \
  X(sframes_t, snd_pcm_status_get_delay, (const snd_pcm_status_t *))                                 \
  X(void, snd_pcm_status_get_htstamp, (const snd_pcm_status_t *, struct timespec *))

#define DECLARE(result, name, arguments) static result(*name) arguments;
ALSA_FUNCTIONS(DECLARE)
#undef DECLARE

/* The library is opened once per process and stays: threads that use it come and go. */
static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static char load_problem[256];

/* ALSA would write its complaints to stderr; the error code says enough. */
static void be_quiet(const char *file, int line, const char *function, int code, const char *format, ...) {
  (void)file, (void)line, (void)function, (void)code, (void)format;
}

static void load_alsa(void) {
  void *library = dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(load_problem, sizeof load_problem, "%s", dlerror());
    return;
  }
#define RESOLVE(result, name, arguments)                                                 \
  *(void **)&name = dlsym(library, #name);                                               \
  if (name == NULL) {                                                                    \
    snprintf(load_problem, sizeof load_problem, "libasound.so.2 has no %s", #name);      \
    return;                                                                              \
  }
  ALSA_FUNCTIONS(RESOLVE)
#undef RESOLVE
  snd_lib_error_set_handler(be_quiet);
}

typedef struct {
  snd_pcm_t *pcm; /* NULL when closed */
  snd_pcm_status_t *status;
  unsigned channels;
} device_t;

static void close_device(device_t *device) {
  if (device->pcm != NULL) {
    snd_pcm_drop(device->pcm);
    snd_pcm_close(device->pcm);
    device->pcm = NULL;
  }
  if (device->status != NULL) {
    snd_pcm_status_free(device->status);
    device->status = NULL;
  }
}

static void finalize_device(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  close_device(data);
  free(data);
}

/* What configuring gives, and which step it was that failed. */
typedef struct {
  uframes_t buffer_frames;
  uframes_t period_frames;
  const char *step;
} setup_t;

#define STEP(text, call)                    \
  do {                                      \
    setup->step = (text);                   \
    if ((code = (call)) < 0) goto done;     \
  } while (0)

static int set_hardware(snd_pcm_t *pcm, unsigned rate, unsigned channels, setup_t *setup) {
  snd_pcm_hw_params_t *params = NULL;
  int code;
  STEP("allocate", snd_pcm_hw_params_malloc(&params));
  STEP("read its abilities", snd_pcm_hw_params_any(pcm, params));
  STEP("allow resampling", snd_pcm_hw_params_set_rate_resample(pcm, params, 1));
  STEP("set interleaved access", snd_pcm_hw_params_set_access(pcm, params, ACCESS_RW_INTERLEAVED));
  STEP("set 16-bit samples", snd_pcm_hw_params_set_format(pcm, params, FORMAT_S16_NATIVE));
  STEP("set the channels", snd_pcm_hw_params_set_channels(pcm, params, channels));
  STEP("set the rate", snd_pcm_hw_params_set_rate(pcm, params, rate, 0));
  STEP("set the period", snd_pcm_hw_params_set_period_size_near(pcm, params, &setup->period_frames, NULL));
  STEP("set the buffer", snd_pcm_hw_params_set_buffer_size_near(pcm, params, &setup->buffer_frames));
  STEP("configure it", snd_pcm_hw_params(pcm, params));
done:
  if (params != NULL) snd_pcm_hw_params_free(params);
  return code;
}

static int set_software(snd_pcm_t *pcm, setup_t *setup) {
  snd_pcm_sw_params_t *params = NULL;
  uframes_t boundary = 0;
  int code;
  STEP("allocate", snd_pcm_sw_params_malloc(&params));
  STEP("read its settings", snd_pcm_sw_params_current(pcm, params));
  /* Starts with the first period: the rest of the buffer is written before that one has been played. */
  STEP("set the start", snd_pcm_sw_params_set_start_threshold(pcm, params, setup->period_frames));
  STEP("set the wake-up", snd_pcm_sw_params_set_avail_min(pcm, params, setup->period_frames));
  STEP("ask for time stamps", snd_pcm_sw_params_set_tstamp_mode(pcm, params, TSTAMP_ENABLE));
  /* Plug-ins without that choice stamp with another clock; the caller checks for plausibility. */
  snd_pcm_sw_params_set_tstamp_type(pcm, params, TSTAMP_MONOTONIC);
  /* What has been played becomes silence, so that running empty is silent and not the last period again. */
  if (snd_pcm_sw_params_get_boundary(params, &boundary) == 0 && boundary > 0) {
    snd_pcm_sw_params_set_silence_threshold(pcm, params, 0);
    snd_pcm_sw_params_set_silence_size(pcm, params, boundary);
  }
  STEP("apply its settings", snd_pcm_sw_params(pcm, params));
  STEP("prepare it", snd_pcm_prepare(pcm));
done:
  if (params != NULL) snd_pcm_sw_params_free(params);
  return code;
}

/* A null device somewhere in the chain of plug-ins plays to nobody. */
static int plays_to_nobody(snd_pcm_t *pcm) {
  snd_output_t *output = NULL;
  char *text = NULL;
  int found = 0;
  if (snd_output_buffer_open(&output) < 0) return 0;
  if (snd_pcm_dump(pcm, output) >= 0) {
    size_t length = snd_output_buffer_string(output, &text);
    found = text != NULL && memmem(text, length, "Null PCM", 8) != NULL;
  }
  snd_output_close(output);
  return found;
}

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

static napi_value fail(napi_env env, const char *format, const char *what, const char *why) {
  char message[512];
  snprintf(message, sizeof message, format, what, why);
  napi_throw_error(env, NULL, message);
  return NULL;
}

/* The open device of a call's first argument; NULL (and an exception) when it is none. */
static device_t *device_of(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  size_t given = count;
  void *data = NULL;
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok || given < count ||
      napi_get_value_external(env, arguments[0], &data) != napi_ok) {
    napi_throw_type_error(env, NULL, "expected a device and the call's other arguments");
    return NULL;
  }
  device_t *device = data;
  if (device->pcm == NULL) {
    napi_throw_error(env, NULL, "the device is closed");
    return NULL;
  }
  return device;
}

/* open(name, rate, channels, bufferFrames, periodFrames) -> { device, bufferFrames, periodFrames, playsToNobody } */
static napi_value js_open(napi_env env, napi_callback_info info) {
  napi_value arguments[5], result, external, silent;
  size_t count = 5, length = 0;
  char name[256];
  uint32_t rate, channels, buffer_frames, period_frames;
  setup_t setup = {0};
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 5 ||
      napi_get_value_string_utf8(env, arguments[0], name, sizeof name, &length) != napi_ok ||
      napi_get_value_uint32(env, arguments[1], &rate) != napi_ok ||
      napi_get_value_uint32(env, arguments[2], &channels) != napi_ok ||
      napi_get_value_uint32(env, arguments[3], &buffer_frames) != napi_ok ||
      napi_get_value_uint32(env, arguments[4], &period_frames) != napi_ok || channels == 0) {
    napi_throw_type_error(env, NULL, "expected name, rate, channels, bufferFrames, periodFrames");
    return NULL;
  }
  pthread_once(&load_once, load_alsa);
  if (load_problem[0] != '\0') return fail(env, "%s%s", "ALSA is not installed: ", load_problem);

  device_t *device = calloc(1, sizeof *device);
  if (device == NULL) return fail(env, "%s%s", "out of memory", "");
  device->channels = channels;
  setup.buffer_frames = buffer_frames;
  setup.period_frames = period_frames;
  setup.step = "open it";
  int code = snd_pcm_open(&device->pcm, name, STREAM_PLAYBACK, MODE_NONBLOCK);
  if (code < 0) device->pcm = NULL;
  if (code >= 0) code = set_hardware(device->pcm, rate, channels, &setup);
  if (code >= 0) code = set_software(device->pcm, &setup);
  if (code >= 0) code = snd_pcm_status_malloc(&device->status);
  if (code < 0) {
    close_device(device);
    free(device);
    /* The configuration is read again next time: a device may have come, or the file been mended. */
    snd_config_update_free_global();
    return fail(env, "cannot %s: %s", setup.step, snd_strerror(code));
  }
  if (napi_create_external(env, device, finalize_device, NULL, &external) != napi_ok) {
    close_device(device);
    free(device);
    return fail(env, "%s%s", "out of memory", "");
  }
  napi_create_object(env, &result);
  napi_get_boolean(env, plays_to_nobody(device->pcm), &silent);
  napi_set_named_property(env, result, "device", external);
  napi_set_named_property(env, result, "bufferFrames", number(env, (double)setup.buffer_frames));
  napi_set_named_property(env, result, "periodFrames", number(env, (double)setup.period_frames));
  napi_set_named_property(env, result, "playsToNobody", silent);
  return result;
}

/* write(device, Int16Array, frames) -> frames taken, or a negative errno */
static napi_value js_write(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  napi_typedarray_type type;
  size_t length = 0;
  void *samples = NULL;
  uint32_t count = 0;
  device_t *device = device_of(env, info, 3, arguments);
  if (device == NULL) return NULL;
  if (napi_get_typedarray_info(env, arguments[1], &type, &length, &samples, NULL, NULL) != napi_ok ||
      type != napi_int16_array || napi_get_value_uint32(env, arguments[2], &count) != napi_ok ||
      (size_t)count * device->channels > length) {
    napi_throw_type_error(env, NULL, "expected an Int16Array at least as long as the frames to be written");
    return NULL;
  }
  return number(env, count == 0 ? 0 : (double)snd_pcm_writei(device->pcm, samples, count));
}

/* avail(device) -> frames that can be written, or a negative errno */
static napi_value js_avail(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  device_t *device = device_of(env, info, 1, arguments);
  return device == NULL ? NULL : number(env, (double)snd_pcm_avail_update(device->pcm));
}

/* status(device, Float64Array(3)) -> 0 or a negative errno; fills in state, delay in frames, age of both in microseconds */
static napi_value js_status(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  napi_typedarray_type type;
  size_t length = 0;
  void *data = NULL;
  struct timespec stamp = {0}, now = {0};
  device_t *device = device_of(env, info, 2, arguments);
  if (device == NULL) return NULL;
  if (napi_get_typedarray_info(env, arguments[1], &type, &length, &data, NULL, NULL) != napi_ok ||
      type != napi_float64_array || length < 3) {
    napi_throw_type_error(env, NULL, "expected a Float64Array of 3");
    return NULL;
  }
  double *out = data;
  int code = snd_pcm_status(device->pcm, device->status);
  if (code < 0) return number(env, code);
  snd_pcm_status_get_htstamp(device->status, &stamp);
  clock_gettime(CLOCK_MONOTONIC, &now);
  out[0] = snd_pcm_status_get_state(device->status);
  out[1] = (double)snd_pcm_status_get_delay(device->status);
  out[2] = (double)(now.tv_sec - stamp.tv_sec) * 1e6 + (double)(now.tv_nsec - stamp.tv_nsec) / 1e3;
  return number(env, 0);
}

static napi_value js_recover(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int32_t code = 0;
  device_t *device = device_of(env, info, 2, arguments);
  if (device == NULL) return NULL;
  napi_get_value_int32(env, arguments[1], &code);
  return number(env, snd_pcm_recover(device->pcm, code, 1));
}

static napi_value js_start(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  device_t *device = device_of(env, info, 1, arguments);
  return device == NULL ? NULL : number(env, snd_pcm_start(device->pcm));
}

/* Throws away what waits and makes the device ready to be written again. */
static napi_value js_reset(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  device_t *device = device_of(env, info, 1, arguments);
  if (device == NULL) return NULL;
  int code = snd_pcm_drop(device->pcm);
  if (code >= 0) code = snd_pcm_prepare(device->pcm);
  return number(env, code);
}

static napi_value js_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  device_t *device = device_of(env, info, 1, arguments);
  if (device != NULL) close_device(device);
  return NULL;
}

static napi_value js_strerror(napi_env env, napi_callback_info info) {
  napi_value argument, result = NULL;
  size_t count = 1;
  int32_t code = 0;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  if (count == 1) napi_get_value_int32(env, argument, &code);
  const char *text = load_problem[0] == '\0' && snd_strerror != NULL ? snd_strerror(code) : "unknown error";
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &result);
  return result;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback function;
  } functions[] = {
      {"open", js_open},       {"write", js_write}, {"avail", js_avail}, {"status", js_status},
      {"recover", js_recover}, {"start", js_start}, {"reset", js_reset}, {"close", js_close},
      {"strerror", js_strerror},
  };
  for (size_t index = 0; index < sizeof functions / sizeof *functions; index += 1) {
    napi_value function;
    napi_create_function(env, functions[index].name, NAPI_AUTO_LENGTH, functions[index].function, NULL, &function);
    napi_set_named_property(env, exports, functions[index].name, function);
  }
  return exports;
}
