/*
 * Plays through an open ALSA device: each call is one or two of ALSA's, and none waits.
 *
 * Why our own: none of the packages at hand gives the delay with its time stamp, a chosen latency, a count of underruns and a
 * way to take back what is not heard, which a speaker that tells positions and changes at once needs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <time.h>

#include "alsa-convert.h"
#include "alsa-device.h"

long sink_write(sink_device_t *device, const void *samples, unsigned frames) {
  if (device->converted == NULL) return snd_pcm_writei(device->pcm, samples, frames);
  if (frames > device->converted_frames) frames = (unsigned)device->converted_frames;
  alsa_convert(device->format, samples, device->converted, (size_t)frames * device->channels);
  return snd_pcm_writei(device->pcm, device->converted, frames);
}

long sink_avail(sink_device_t *device) { return snd_pcm_avail_update(device->pcm); }

int sink_status(sink_device_t *device, sink_status_t *status) {
  struct timespec stamp = {0}, now = {0};
  int code = snd_pcm_status(device->pcm, device->status);
  if (code < 0) return code;
  snd_pcm_status_get_htstamp(device->status, &stamp);
  clock_gettime(CLOCK_MONOTONIC, &now);
  status->state = snd_pcm_status_get_state(device->status);
  status->delay_frames = (double)snd_pcm_status_get_delay(device->status);
  status->age_us = (double)(now.tv_sec - stamp.tv_sec) * 1e6 + (double)(now.tv_nsec - stamp.tv_nsec) / 1e3;
  return 0;
}

long sink_rewind(sink_device_t *device, unsigned frames) {
  /* Asks the device where it is by now, instead of what it said at its last period. */
  sframes_t code = snd_pcm_avail(device->pcm);
  if (code < 0) return code;
  sframes_t within = snd_pcm_rewindable(device->pcm);
  if (within < 0) return within;
  within -= (sframes_t)device->reach_frames;
  if (within <= 0) return 0;
  return snd_pcm_rewind(device->pcm, within < (sframes_t)frames ? (uframes_t)within : frames);
}

/* Not ALSA's own snd_pcm_recover: that one sleeps, a second at a time, while a suspended device wakes up. */
int sink_recover(sink_device_t *device, int code) {
  if (code == -ESTRPIPE) {
    code = snd_pcm_resume(device->pcm);
    if (code >= 0 || code == -EAGAIN) return code;
    return snd_pcm_prepare(device->pcm);
  }
  if (code == -EPIPE) return snd_pcm_prepare(device->pcm);
  return code == -EINTR ? 0 : code;
}

int sink_start(sink_device_t *device) { return snd_pcm_start(device->pcm); }

int sink_reset(sink_device_t *device) {
  int code = snd_pcm_drop(device->pcm);
  return code < 0 ? code : snd_pcm_prepare(device->pcm);
}

const char *sink_strerror(int code) {
  return alsa_library_problem() == NULL ? snd_strerror(code) : strerror(-code);
}
