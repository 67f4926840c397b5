/*
 * The part of libpulse that is used, found at run time: a machine without it still starts, and can say so. Types are
 * declared here because its headers are not everywhere (cross compilers have none); they are its stable interface.
 */
#ifndef TONEARM_PULSE_LIBRARY_H
#define TONEARM_PULSE_LIBRARY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

typedef struct pa_mainloop pa_mainloop;
typedef struct pa_mainloop_api pa_mainloop_api;
typedef struct pa_context pa_context;
typedef struct pa_stream pa_stream;
typedef struct pa_operation pa_operation;
typedef struct pa_spawn_api pa_spawn_api;
typedef struct pa_cvolume pa_cvolume;

typedef struct {
  int format;
  uint32_t rate;
  uint8_t channels;
} pa_sample_spec;

typedef struct {
  uint32_t maxlength, tlength, prebuf, minreq, fragsize;
} pa_buffer_attr;

typedef struct {
  struct timeval timestamp;
  int synchronized_clocks;
  uint64_t sink_usec, source_usec, transport_usec;
  int playing;
  int write_index_corrupt;
  int64_t write_index;
  int read_index_corrupt;
  int64_t read_index;
  uint64_t configured_sink_usec, configured_source_usec;
  int64_t since_underrun;
} pa_timing_info;

/* From pulse/def.h and pulse/sample.h. Samples are little endian there; so is every machine that we build for. */
enum { PA_SAMPLE_S16LE = 3, PA_SAMPLE_S32LE = 7 };
enum { PA_CONTEXT_READY = 4, PA_CONTEXT_FAILED = 5, PA_CONTEXT_TERMINATED = 6, PA_CONTEXT_NOAUTOSPAWN = 1 };
enum { PA_STREAM_READY = 2, PA_STREAM_FAILED = 3, PA_STREAM_TERMINATED = 4 };
enum { PA_SEEK_RELATIVE = 0, PA_SEEK_RELATIVE_ON_READ = 2 };

typedef void (*pa_stream_notify_cb_t)(pa_stream *, void *);
typedef void (*pa_stream_success_cb_t)(pa_stream *, int, void *);
typedef void (*pa_free_cb_t)(void *);

/* Every function that is used: result, name, arguments. */
#define PULSE_FUNCTIONS(X)                                                                                       \
  X(pa_mainloop *, pa_mainloop_new, (void))                                                                      \
  X(void, pa_mainloop_free, (pa_mainloop *))                                                                     \
  X(pa_mainloop_api *, pa_mainloop_get_api, (pa_mainloop *))                                                     \
  X(int, pa_mainloop_iterate, (pa_mainloop *, int, int *))                                                       \
  X(int, pa_mainloop_prepare, (pa_mainloop *, int))                                                              \
  X(int, pa_mainloop_poll, (pa_mainloop *))                                                                      \
  X(int, pa_mainloop_dispatch, (pa_mainloop *))                                                                  \
  X(pa_context *, pa_context_new, (pa_mainloop_api *, const char *))                                             \
  X(int, pa_context_connect, (pa_context *, const char *, int, const pa_spawn_api *))                            \
  X(void, pa_context_disconnect, (pa_context *))                                                                 \
  X(void, pa_context_unref, (pa_context *))                                                                      \
  X(int, pa_context_get_state, (const pa_context *))                                                             \
  X(int, pa_context_errno, (const pa_context *))                                                                 \
  X(pa_stream *, pa_stream_new, (pa_context *, const char *, const pa_sample_spec *, const void *))              \
  X(int, pa_stream_connect_playback,                                                                             \
    (pa_stream *, const char *, const pa_buffer_attr *, int, const pa_cvolume *, pa_stream *))                   \
  X(int, pa_stream_disconnect, (pa_stream *))                                                                    \
  X(void, pa_stream_unref, (pa_stream *))                                                                        \
  X(int, pa_stream_get_state, (const pa_stream *))                                                               \
  X(int, pa_stream_write, (pa_stream *, const void *, size_t, pa_free_cb_t, int64_t, int))                       \
  X(pa_operation *, pa_stream_flush, (pa_stream *, pa_stream_success_cb_t, void *))                              \
  X(pa_operation *, pa_stream_trigger, (pa_stream *, pa_stream_success_cb_t, void *))                            \
  X(pa_operation *, pa_stream_update_timing_info, (pa_stream *, pa_stream_success_cb_t, void *))                 \
  X(const pa_timing_info *, pa_stream_get_timing_info, (pa_stream *))                                            \
  X(void, pa_stream_set_underflow_callback, (pa_stream *, pa_stream_notify_cb_t, void *))                        \
  X(int64_t, pa_stream_get_underflow_index, (const pa_stream *))                                                 \
  X(void, pa_operation_unref, (pa_operation *))                                                                  \
  X(const char *, pa_strerror, (int))

#define DECLARE(result, name, arguments) extern result(*name) arguments;
PULSE_FUNCTIONS(DECLARE)
#undef DECLARE

/* NULL when it is there, else why it is not. Loads it at the first call, and once. */
const char *pulse_library_problem(void);

#endif
