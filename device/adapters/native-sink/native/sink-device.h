/*
 * What our addons know of a place for sound, so that one shell for Node (sink-addon.c) and one test under the sanitizers
 * (sink-device-check.c) serve each of them: alsa-device.c and pulse-device.c keep to this.
 *
 * Every call returns at once but `sink_open`, which any thread may run; afterwards a device belongs to one thread at a
 * time. Results below zero are -errno. Policy (when to recover, what counts as an underrun) is native-sink.ts's.
 */
#ifndef TONEARM_SINK_DEVICE_H
#define TONEARM_SINK_DEVICE_H

#include <stdint.h>

enum { SINK_NAME_BYTES_MAX = 256, SINK_PROBLEM_BYTES_MAX = 384 };

/* States as ALSA numbers them. */
enum { SINK_PREPARED = 2, SINK_RUNNING = 3, SINK_XRUN = 4 };

typedef struct sink_device sink_device_t;

typedef struct {
  char name[SINK_NAME_BYTES_MAX];
  unsigned rate;
  unsigned channels;
  unsigned buffer_frames;
  unsigned period_frames;
  unsigned sample_bits; /* 16, 24 or 32 */
} sink_request_t;

typedef struct {
  unsigned buffer_frames;
  unsigned period_frames;
  unsigned sample_bits;
  int can_rewind;
  int plays_to_nobody; /* a null device is somewhere in its chain */
} sink_grant_t;

typedef struct {
  int state;
  double delay_frames;
  double age_us; /* of state and delay */
} sink_status_t;

/* May wait for the device or the server. NULL, and in `problem` the step that failed and why. */
sink_device_t *sink_open(const sink_request_t *request, sink_grant_t *grant, char problem[SINK_PROBLEM_BYTES_MAX]);
/* Samples as wide as granted: int16_t, or int32_t left-aligned. Returns frames taken; -EPIPE after running dry. */
long sink_write(sink_device_t *device, const void *samples, unsigned frames);
/* Frames that can be written; -EPIPE after running dry. */
long sink_avail(sink_device_t *device);
int sink_status(sink_device_t *device, sink_status_t *status);
/* Takes back at most that many of the newest frames; returns how many. */
long sink_rewind(sink_device_t *device, unsigned frames);
/* After an error: 0 when it can be written again, -EAGAIN when it will be soon, else it is gone. */
int sink_recover(sink_device_t *device, int code);
/* Plays what waits, be it less than a period. */
int sink_start(sink_device_t *device);
/* Throws away what waits and makes the device ready to be written again. */
int sink_reset(sink_device_t *device);
/* Frees it. */
void sink_close(sink_device_t *device);
const char *sink_strerror(int code);

#endif
