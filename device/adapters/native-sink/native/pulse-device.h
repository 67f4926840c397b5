/* The state of an open stream: pulse-open.c makes and ends it, pulse-device.c plays through it. */
#ifndef TONEARM_PULSE_DEVICE_H
#define TONEARM_PULSE_DEVICE_H

#include "pulse-library.h"
#include "sink-device.h"

struct sink_device {
  pa_mainloop *loop;
  pa_context *context;
  pa_stream *stream;
  unsigned rate;
  unsigned frame_bytes;
  unsigned buffer_frames;
  void *silence; /* buffer_frames of it */

  int64_t written; /* ledger: frames written less those taken back */
  int64_t sought;  /* where the server's write index stands; ahead of `written` after a rewind */
  int64_t run_from; /* where the present run began */
  int64_t base_bytes; /* server's write index less ours */
  int is_base_known;
  int is_dry; /* ran dry since it was last recovered */
  int is_silenced; /* what was taken back is silence by now */
  int64_t rewound_us;
  int is_adrift; /* ran dry beyond `written`: the server's index is elsewhere */

  int64_t heard_at; /* frames heard at `anchor_us` */
  int64_t anchor_us;
  int is_running;
  int64_t ahead_frames; /* what the server may have rendered beyond what is heard */
  int64_t reach_frames; /* the same, with what it may render before our message comes */
  int64_t served_us;
  int is_asking;
  int64_t asked_us;
  int64_t answered_us;
};

/* Does what the connection has to do, without waiting. */
void pulse_serve(sink_device_t *device);
/* The server had nothing left to render. */
void pulse_ran_dry(pa_stream *stream, void *data);

#endif
