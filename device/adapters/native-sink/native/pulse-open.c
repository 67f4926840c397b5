/*
 * Opens and closes a stream at the PulseAudio server that answers on this machine; none is started for it.
 *
 * The server gives its device a latency of `tlength - 2 * minreq` when no flag says otherwise, and keeps the rest of what
 * was written in the stream's queue, where it can be taken back: so `minreq` is almost half of `tlength`. It also keeps the
 * server's requests rare, which nobody here waits for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pulse-device.h"

/* How far ahead of what is heard the server's device is asked to render; as little as it can be woken up for. */
enum { SERVER_AHEAD_MS = 5 };
/* A server on this machine answers within a few ms; one that hangs is not waited for. */
enum { OPEN_WITHIN_MS = 2000 };

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One round of the main loop that waits for something to happen, at most until `until`. */
static int wait_round(pa_mainloop *loop, int64_t until) {
  int64_t left = until - now_ms();
  if (left <= 0) return -ETIMEDOUT;
  if (pa_mainloop_prepare(loop, (int)left * 1000) < 0) return -EIO;
  if (pa_mainloop_poll(loop) < 0) return -EIO;
  return pa_mainloop_dispatch(loop) < 0 ? -EIO : 0;
}

static int connect_server(sink_device_t *device, int64_t until) {
  device->loop = pa_mainloop_new();
  if (device->loop == NULL) return -ENOMEM;
  device->context = pa_context_new(pa_mainloop_get_api(device->loop), "Tonearm");
  if (device->context == NULL) return -ENOMEM;
  if (pa_context_connect(device->context, NULL, PA_CONTEXT_NOAUTOSPAWN, NULL) < 0) return -ECONNREFUSED;
  for (;;) {
    int state = pa_context_get_state(device->context);
    if (state == PA_CONTEXT_READY) return 0;
    if (state == PA_CONTEXT_FAILED || state == PA_CONTEXT_TERMINATED) return -ECONNREFUSED;
    int code = wait_round(device->loop, until);
    if (code < 0) return code;
  }
}

static int connect_stream(sink_device_t *device, const sink_request_t *request, int64_t until) {
  uint32_t length = request->buffer_frames * device->frame_bytes;
  uint32_t ahead = request->rate * SERVER_AHEAD_MS / 1000 * device->frame_bytes;
  pa_sample_spec spec = {request->sample_bits == 16 ? PA_SAMPLE_S16LE : PA_SAMPLE_S32LE, request->rate,
                         (uint8_t)request->channels};
  /* Plays from the first frame, and stands still where it runs dry. */
  pa_buffer_attr attributes = {.maxlength = 4 * length, .tlength = length, .prebuf = device->frame_bytes};
  attributes.minreq = (length - ahead) / 2 / device->frame_bytes * device->frame_bytes;
  attributes.fragsize = UINT32_MAX;
  device->stream = pa_stream_new(device->context, "Music", &spec, NULL);
  if (device->stream == NULL) return -EINVAL;
  pa_stream_set_underflow_callback(device->stream, pulse_ran_dry, device);
  const char *name = request->name[0] == '\0' ? NULL : request->name;
  if (pa_stream_connect_playback(device->stream, name, &attributes, 0, NULL, NULL) < 0) return -EIO;
  for (;;) {
    int state = pa_stream_get_state(device->stream);
    if (state == PA_STREAM_READY) return 0;
    if (state == PA_STREAM_FAILED || state == PA_STREAM_TERMINATED) return -EIO;
    int code = wait_round(device->loop, until);
    if (code < 0) return code;
  }
}

static sink_device_t *refuse(sink_device_t *device, const char *step, int code, char *problem) {
  const char *why = strerror(-code);
  /* Its own reason says more. */
  if (code != -ETIMEDOUT && code != -ENOMEM && device->context != NULL) {
    why = pa_strerror(pa_context_errno(device->context));
  }
  snprintf(problem, SINK_PROBLEM_BYTES_MAX, "cannot %s: %s", step, why);
  sink_close(device);
  return NULL;
}

sink_device_t *sink_open(const sink_request_t *request, sink_grant_t *grant, char problem[SINK_PROBLEM_BYTES_MAX]) {
  const char *missing = pulse_library_problem();
  if (missing != NULL) {
    snprintf(problem, SINK_PROBLEM_BYTES_MAX, "PulseAudio is not installed: %s", missing);
    return NULL;
  }
  sink_device_t *device = calloc(1, sizeof *device);
  if (device == NULL) return NULL;
  device->rate = request->rate;
  device->buffer_frames = request->buffer_frames;
  device->frame_bytes = request->channels * (request->sample_bits == 16 ? 2 : 4);
  device->silence = calloc(request->buffer_frames, device->frame_bytes);
  device->is_base_known = 1;
  device->ahead_frames = (int64_t)request->rate * SERVER_AHEAD_MS / 1000;
  device->reach_frames = (int64_t)request->rate * (SERVER_AHEAD_MS + 2) / 1000;
  int64_t until = now_ms() + OPEN_WITHIN_MS;
  int code = device->silence == NULL ? -ENOMEM : connect_server(device, until);
  if (code < 0) return refuse(device, "reach the sound server", code, problem);
  code = connect_stream(device, request, until);
  if (code < 0) return refuse(device, "play on it", code, problem);
  *grant = (sink_grant_t){
      .buffer_frames = request->buffer_frames,
      .period_frames = request->period_frames,
      .sample_bits = request->sample_bits,
      .can_rewind = 1,
  };
  return device;
}

void sink_close(sink_device_t *device) {
  if (device->stream != NULL) {
    pa_stream_set_underflow_callback(device->stream, NULL, NULL);
    pa_stream_disconnect(device->stream);
  }
  if (device->context != NULL) {
    /* The goodbye is on its way before the door shuts. */
    if (device->stream != NULL) pulse_serve(device);
    pa_context_disconnect(device->context);
  }
  if (device->stream != NULL) pa_stream_unref(device->stream);
  if (device->context != NULL) pa_context_unref(device->context);
  if (device->loop != NULL) pa_mainloop_free(device->loop);
  free(device->silence);
  free(device);
}
