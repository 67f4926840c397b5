/*
 * A stream at a PulseAudio server (or PipeWire posing as one) whose waiting sound can be taken back: ALSA's plug-in for
 * it cannot, because its rewind never reaches the server.
 *
 * How: sound waits in the stream's queue at the server, and the server's device renders only a few milliseconds ahead
 * (pulse-open.c); what is in the queue is overwritten by writing at a negative offset.
 *
 * No thread of its own: the connection is served for a moment in each call, so that nothing is ever waited for or locked.
 *
 * Positions are frames in a ledger of our own that starts at 0 and goes back at a rewind. What is heard is interpolated
 * from the server's answers, which are asked for now and then and never waited for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <time.h>

#include "pulse-device.h"

/* Between answers the position is interpolated: two oscillators drift apart by some 25 us in that time. */
enum { ASK_EVERY_US = 250000, ASK_UNTIL_RUNNING_US = 4000 };
/* From the first write to its sound: the server's block and what its device holds. Not assumed for longer than that. */
enum { START_US = 7500, START_ASSUMED_US = 100000 };
/* An answer that does not come (a server that hangs) is asked for again. */
enum { ANSWER_WITHIN_US = 2000000 };
/* Beyond what the server has rendered: our message's way and the rounding of clocks. */
enum { REACH_MARGIN_US = 1500 };
/* Who takes back writes again in the same breath; native-sink.ts looks a moment later whether he did. */
enum { REWRITE_WITHIN_US = 2000 };
/* Calls come in bunches; the first one of them looks. */
enum { SERVED_WITHIN_US = 1000 };
/* Rounds of the main loop in one call: a server that talks without end is heard later. */
enum { ROUNDS_MAX = 64 };
/* Time stamps further back come from a clock that was set meanwhile. */
enum { STAMP_AGE_US_MAX = 200000 };

static int64_t now_us(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t to_frames(const sink_device_t *device, int64_t us) { return us * device->rate / 1000000; }

static int64_t heard(const sink_device_t *device, int64_t now) {
  int64_t elapsed = now - device->anchor_us;
  /* What stands begins with the server's next block, long before its next answer. */
  if (!device->is_running) elapsed = elapsed < START_ASSUMED_US ? elapsed - START_US : START_ASSUMED_US - START_US;
  int64_t frames = device->heard_at + (elapsed > 0 ? to_frames(device, elapsed) : 0);
  return frames < device->written ? frames : device->written;
}

/* Until the server says how it goes on from here. */
static void stand_at(sink_device_t *device, int64_t frame) {
  device->heard_at = frame;
  device->anchor_us = now_us(CLOCK_MONOTONIC);
  device->is_running = 0;
  device->answered_us = 0;
}

static void answered(pa_stream *stream, int is_success, void *data) {
  sink_device_t *device = data;
  device->is_asking = 0;
  const pa_timing_info *info = pa_stream_get_timing_info(stream);
  if (!is_success || info == NULL || info->write_index_corrupt || info->read_index_corrupt) return;
  int64_t age = now_us(CLOCK_REALTIME) - ((int64_t)info->timestamp.tv_sec * 1000000 + info->timestamp.tv_usec);
  if (age < 0 || age > STAMP_AGE_US_MAX) age = 0;
  int64_t queued = (info->write_index - info->read_index) / device->frame_bytes;
  int64_t ahead_us = (int64_t)(info->configured_sink_usec + info->transport_usec);
  device->base_bytes = info->write_index - device->sought * device->frame_bytes;
  device->is_base_known = 1;
  device->answered_us = device->anchor_us = now_us(CLOCK_MONOTONIC);
  device->anchor_us -= age;
  device->heard_at = device->sought - queued - to_frames(device, (int64_t)info->sink_usec);
  device->is_running = info->playing;
  device->ahead_frames = to_frames(device, ahead_us);
  device->reach_frames = to_frames(device, ahead_us + REACH_MARGIN_US);
}

/* The server had nothing left to render. It says where, since by now more may have been written. */
void pulse_ran_dry(pa_stream *stream, void *data) {
  sink_device_t *device = data;
  if (!device->is_base_known) return;
  int64_t at = (pa_stream_get_underflow_index(stream) - device->base_bytes) / device->frame_bytes;
  if (at > device->run_from) device->is_dry = 1;
}

static int is_ready(const sink_device_t *device) {
  return pa_context_get_state(device->context) == PA_CONTEXT_READY &&
         pa_stream_get_state(device->stream) == PA_STREAM_READY;
}

void pulse_serve(sink_device_t *device) {
  for (int round = 0; round < ROUNDS_MAX && pa_mainloop_iterate(device->loop, 0, NULL) > 0;) round += 1;
  device->served_us = now_us(CLOCK_MONOTONIC);
}

/* Serves the connection, and asks for the position when the last answer is old. */
static int attend(sink_device_t *device) {
  int64_t now = now_us(CLOCK_MONOTONIC);
  if (now - device->served_us > SERVED_WITHIN_US) pulse_serve(device);
  if (!is_ready(device)) return -ENODEV;
  if (device->is_asking && now - device->asked_us < ANSWER_WITHIN_US) return 0;
  int64_t wait = device->is_running ? ASK_EVERY_US : ASK_UNTIL_RUNNING_US;
  int is_playing = heard(device, now) < device->written;
  if (is_playing && now - device->answered_us > wait) {
    pa_operation *operation = pa_stream_update_timing_info(device->stream, answered, device);
    if (operation != NULL) pa_operation_unref(operation);
    device->is_asking = operation != NULL;
    device->asked_us = now;
    pulse_serve(device);
  }
  return 0;
}

/* Silence that was written in the place of what was taken back is no sound: running into it is running dry. */
static void look_for_dryness(sink_device_t *device) {
  if (device->sought <= device->written || !device->is_silenced) return;
  if (!device->is_running) return;
  if (heard(device, now_us(CLOCK_MONOTONIC)) + device->ahead_frames < device->written) return;
  device->is_dry = 1;
}

static int put(sink_device_t *device, const void *samples, int64_t frames, int64_t offset_frames, int seek) {
  int64_t offset = offset_frames * device->frame_bytes;
  int code = pa_stream_write(device->stream, samples, (size_t)frames * device->frame_bytes, NULL, offset, seek);
  return code < 0 ? -EIO : 0;
}

/*
 * What is taken back stays audible until others are written in its place, which is at once: were it silenced at once, a
 * moment's delay of ours in between would be heard. When nobody writes, it is.
 */
static int silence_what_was_taken_back(sink_device_t *device) {
  if (device->sought <= device->written || device->is_silenced) return 0;
  if (now_us(CLOCK_MONOTONIC) - device->rewound_us < REWRITE_WITHIN_US) return 0;
  device->is_silenced = 1;
  int64_t taken_back = device->sought - device->written;
  int code = put(device, device->silence, taken_back, -taken_back, PA_SEEK_RELATIVE);
  pulse_serve(device);
  return code;
}

long sink_write(sink_device_t *device, const void *samples, unsigned frames) {
  int code = attend(device);
  if (code < 0) return code;
  look_for_dryness(device);
  if (device->is_dry) return -EPIPE;
  int64_t now = now_us(CLOCK_MONOTONIC);
  int64_t room = device->buffer_frames - (device->written - heard(device, now));
  int64_t taken = (int64_t)frames < room ? (int64_t)frames : room;
  if (taken <= 0) return -EAGAIN;
  if (!device->is_running && heard(device, now) == device->written) stand_at(device, device->written);
  if (device->is_adrift) {
    code = put(device, samples, taken, 0, PA_SEEK_RELATIVE_ON_READ);
    device->is_base_known = device->is_adrift = 0;
  } else {
    code = put(device, samples, taken, device->written - device->sought, PA_SEEK_RELATIVE);
  }
  if (code < 0) return code;
  device->written += taken;
  device->sought = device->written;
  pulse_serve(device);
  code = attend(device);
  return code < 0 ? code : taken;
}

long sink_avail(sink_device_t *device) {
  int code = attend(device);
  if (code >= 0) code = silence_what_was_taken_back(device);
  if (code < 0) return code;
  look_for_dryness(device);
  if (device->is_dry) return -EPIPE;
  /* An answer may move what is heard back a little. */
  int64_t room = device->buffer_frames - (device->written - heard(device, now_us(CLOCK_MONOTONIC)));
  return room > 0 ? (long)room : 0;
}

int sink_status(sink_device_t *device, sink_status_t *status) {
  int code = attend(device);
  if (code >= 0) code = silence_what_was_taken_back(device);
  if (code < 0) return code;
  int64_t waiting = device->written - heard(device, now_us(CLOCK_MONOTONIC));
  status->state = device->is_dry ? SINK_XRUN : device->is_running ? SINK_RUNNING : SINK_PREPARED;
  status->delay_frames = (double)waiting;
  status->age_us = 0;
  return 0;
}

long sink_rewind(sink_device_t *device, unsigned frames) {
  int code = attend(device);
  if (code < 0) return code;
  look_for_dryness(device);
  if (device->is_dry || device->is_adrift) return 0;
  int64_t reach = heard(device, now_us(CLOCK_MONOTONIC)) + device->reach_frames;
  int64_t taken = device->written - reach;
  if (taken > (int64_t)frames) taken = frames;
  if (taken > (int64_t)device->buffer_frames) taken = device->buffer_frames;
  if (taken <= 0) return 0;
  device->written -= taken;
  device->is_silenced = 0;
  device->rewound_us = now_us(CLOCK_MONOTONIC);
  return (long)taken;
}

int sink_recover(sink_device_t *device, int code) {
  pulse_serve(device);
  if (!is_ready(device)) return -ENODEV;
  if (code != -EPIPE) return code;
  device->is_adrift = device->sought > device->written;
  device->is_dry = 0;
  device->run_from = device->written;
  stand_at(device, device->written);
  return 0;
}

/* The server begins with the first frame anyway. */
int sink_start(sink_device_t *device) {
  (void)device;
  return 0;
}

int sink_reset(sink_device_t *device) {
  if (!is_ready(device)) return -ENODEV;
  pa_operation *operation = pa_stream_flush(device->stream, NULL, NULL);
  if (operation == NULL) return -EIO;
  pa_operation_unref(operation);
  device->sought = device->run_from = device->written;
  device->is_dry = device->is_adrift = device->is_base_known = 0;
  stand_at(device, device->written);
  pulse_serve(device);
  return 0;
}

const char *sink_strerror(int code) {
  return code == -ENODEV ? "the sound server or its device is gone" : strerror(-code);
}
