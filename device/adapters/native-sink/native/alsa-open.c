/*
 * Opens an ALSA device and sets it up: format, period, buffer, start and time stamps as asked or as near as it has them.
 *
 * Sound can be taken back where the samples lie in a real device's memory, seen directly or through plug-ins that only
 * convert. A plug-in that hands them on to a server (pulse, pipewire, jack) has sent them off already, whatever it answers;
 * dmix has mixed them into others'; the rate converter remembers what it made of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alsa-device.h"

/* What a device is about to read is out of reach: 3 ms, and a period where it only says once a period how far it is. */
enum { REACH_PER_SECOND = 333 };

/* Two openings at a time would pull ALSA's configuration from under each other's feet. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

/* What configuring gives, and which step it was that failed. */
typedef struct {
  uframes_t buffer_frames;
  uframes_t period_frames;
  int format;
  int is_batch;
  const char *step;
} setup_t;

/* The best that the device has for so many bits; 16 bits at last, which every device is asked for. */
static int choose_format(snd_pcm_t *pcm, snd_pcm_hw_params_t *params, unsigned bits) {
  static const int narrow[] = {FORMAT_S16_LE, FORMAT_S32_LE}, wide[] = {FORMAT_S32_LE, FORMAT_S24_3LE, FORMAT_S24_LE};
  const int *formats = bits == 16 ? narrow : wide;
  size_t count = bits == 16 ? sizeof narrow / sizeof *narrow : sizeof wide / sizeof *wide;
  for (size_t index = 0; index < count; index += 1) {
    if (snd_pcm_hw_params_test_format(pcm, params, formats[index]) == 0) return formats[index];
  }
  return FORMAT_S16_LE;
}

#define STEP(text, call)                    \
  do {                                      \
    setup->step = (text);                   \
    if ((code = (call)) < 0) goto done;     \
  } while (0)

static int set_hardware(snd_pcm_t *pcm, const sink_request_t *request, setup_t *setup) {
  snd_pcm_hw_params_t *params = NULL;
  int code;
  STEP("allocate", snd_pcm_hw_params_malloc(&params));
  STEP("read its abilities", snd_pcm_hw_params_any(pcm, params));
  STEP("allow resampling", snd_pcm_hw_params_set_rate_resample(pcm, params, 1));
  STEP("set interleaved access", snd_pcm_hw_params_set_access(pcm, params, ACCESS_RW_INTERLEAVED));
  setup->format = choose_format(pcm, params, request->sample_bits);
  STEP("set 16-, 24- or 32-bit samples", snd_pcm_hw_params_set_format(pcm, params, setup->format));
  STEP("set the channels", snd_pcm_hw_params_set_channels(pcm, params, request->channels));
  STEP("set the rate", snd_pcm_hw_params_set_rate(pcm, params, request->rate, 0));
  STEP("set the period", snd_pcm_hw_params_set_period_size_near(pcm, params, &setup->period_frames, NULL));
  STEP("set the buffer", snd_pcm_hw_params_set_buffer_size_near(pcm, params, &setup->buffer_frames));
  STEP("configure it", snd_pcm_hw_params(pcm, params));
  setup->is_batch = snd_pcm_hw_params_is_batch(params);
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

/* The chain of plug-ins, as ALSA describes it. */
static void read_chain(snd_pcm_t *pcm, sink_grant_t *grant) {
  static const char *const keepers[] = {"I/O Plugin", "Direct Stream Mixing", "Rate conversion", "Null PCM"};
  snd_output_t *output = NULL;
  char *text = NULL;
  if (snd_output_buffer_open(&output) < 0) return;
  if (snd_pcm_dump(pcm, output) >= 0) {
    size_t length = snd_output_buffer_string(output, &text);
    grant->plays_to_nobody = text != NULL && memmem(text, length, "Null PCM", 8) != NULL;
    grant->can_rewind = text != NULL && memmem(text, length, "Hardware PCM", 12) != NULL;
    for (size_t index = 0; text != NULL && index < sizeof keepers / sizeof *keepers; index += 1) {
      if (memmem(text, length, keepers[index], strlen(keepers[index])) != NULL) grant->can_rewind = 0;
    }
  }
  snd_output_close(output);
}

static unsigned bits_of(int format, unsigned asked) {
  if (format == FORMAT_S32_LE) return asked;
  return format == FORMAT_S16_LE ? 16 : 24;
}

/* Room to write one buffer's worth of samples in the device's own format; none where they already are. */
static int make_room(sink_device_t *device, uframes_t frames) {
  int is_same = device->format == (device->sample_bits == 16 ? FORMAT_S16_LE : FORMAT_S32_LE);
  if (is_same) return 0;
  device->converted_frames = frames;
  device->converted = calloc(frames, (size_t)device->channels * 4);
  return device->converted == NULL ? -ENOMEM : 0;
}

sink_device_t *sink_open(const sink_request_t *request, sink_grant_t *grant, char problem[SINK_PROBLEM_BYTES_MAX]) {
  const char *missing = alsa_library_problem();
  if (missing != NULL) {
    snprintf(problem, SINK_PROBLEM_BYTES_MAX, "ALSA is not installed: %s", missing);
    return NULL;
  }
  sink_device_t *device = calloc(1, sizeof *device);
  if (device == NULL) return NULL;
  pthread_mutex_lock(&opening);
  setup_t setup = {.buffer_frames = request->buffer_frames, .period_frames = request->period_frames, .step = "open it"};
  int code = snd_pcm_open(&device->pcm, request->name, STREAM_PLAYBACK, MODE_NONBLOCK);
  if (code < 0) device->pcm = NULL;
  if (code >= 0) code = set_hardware(device->pcm, request, &setup);
  if (code >= 0) code = set_software(device->pcm, &setup);
  if (code >= 0) code = snd_pcm_status_malloc(&device->status);
  device->channels = request->channels;
  device->format = setup.format;
  device->sample_bits = bits_of(setup.format, request->sample_bits);
  device->reach_frames = request->rate / REACH_PER_SECOND + (setup.is_batch ? setup.period_frames : 0);
  if (code >= 0) code = make_room(device, setup.buffer_frames);
  if (code < 0) {
    snprintf(problem, SINK_PROBLEM_BYTES_MAX, "cannot %s: %s", setup.step, snd_strerror(code));
    sink_close(device);
    /* The configuration is read again next time: a device may have come, or the file been mended. */
    snd_config_update_free_global();
    pthread_mutex_unlock(&opening);
    return NULL;
  }
  *grant = (sink_grant_t){
      .buffer_frames = (unsigned)setup.buffer_frames,
      .period_frames = (unsigned)setup.period_frames,
      .sample_bits = device->sample_bits,
  };
  read_chain(device->pcm, grant);
  pthread_mutex_unlock(&opening);
  return device;
}

void sink_close(sink_device_t *device) {
  if (device->pcm != NULL) {
    snd_pcm_drop(device->pcm);
    snd_pcm_close(device->pcm);
  }
  if (device->status != NULL) snd_pcm_status_free(device->status);
  free(device->converted);
  free(device);
}
