/*
 * Opens, plays, takes back, throws away and closes a device over and over, to be run under the sanitizers: what leaks or
 * oversteps in a device is found here, without Node in between. Not part of any addon.
 *
 * Usage: sink-device-check DEVICE ROUNDS; exits with 0 when every round did what it should.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink-device.h"

enum { RATE = 48000, CHANNELS = 2, BUFFER_FRAMES = 4800, PERIOD_FRAMES = 480 };

static int32_t samples[BUFFER_FRAMES * CHANNELS];

/* As native-sink.ts does: what can be recovered from is, and only then is it written again. */
static long write_some(sink_device_t *device, unsigned frames) {
  long taken = sink_write(device, samples, frames);
  if (taken == -EAGAIN) return 0;
  if (taken < 0 && sink_recover(device, (int)taken) >= 0) taken = sink_write(device, samples, frames);
  return taken == -EAGAIN ? 0 : taken;
}

static int play_round(const sink_request_t *request) {
  char problem[SINK_PROBLEM_BYTES_MAX] = "";
  sink_grant_t grant = {0};
  sink_status_t status = {0};
  sink_device_t *device = sink_open(request, &grant, problem);
  if (device == NULL) {
    fprintf(stderr, "%s: %s\n", request->name, problem);
    return -1;
  }
  int is_fine = grant.buffer_frames > 0 && sink_avail(device) > 0 && write_some(device, PERIOD_FRAMES) > 0;
  is_fine = is_fine && write_some(device, BUFFER_FRAMES / 2) >= 0 && sink_start(device) != -ENODEV;
  long taken = sink_rewind(device, BUFFER_FRAMES);
  is_fine = is_fine && taken <= BUFFER_FRAMES && write_some(device, BUFFER_FRAMES / 4) >= 0;
  is_fine = is_fine && sink_status(device, &status) >= 0 && sink_reset(device) >= 0 && write_some(device, 100) > 0;
  if (!is_fine) fprintf(stderr, "%s: a round went wrong (state %d)\n", request->name, status.state);
  sink_close(device);
  return is_fine ? 0 : -1;
}

int main(int count, char **words) {
  static const unsigned widths[] = {16, 24, 32};
  if (count != 3 || strlen(words[1]) >= SINK_NAME_BYTES_MAX) return 2;
  long rounds = strtol(words[2], NULL, 10);
  for (size_t index = 0; index < sizeof samples / sizeof *samples; index += 1) samples[index] = (int32_t)index << 8;
  for (long round = 0; round < rounds; round += 1) {
    sink_request_t request = {.rate = RATE, .channels = CHANNELS, .buffer_frames = BUFFER_FRAMES};
    request.period_frames = PERIOD_FRAMES;
    request.sample_bits = widths[round % 3];
    strcpy(request.name, words[1]);
    if (play_round(&request) < 0) return 1;
    /* What does not open must leave nothing behind either. */
    sink_grant_t grant;
    char problem[SINK_PROBLEM_BYTES_MAX];
    strcpy(request.name, "no-such-device");
    if (round % 50 == 0 && sink_open(&request, &grant, problem) != NULL) return 1;
  }
  printf("%ld rounds\n", rounds);
  return 0;
}
