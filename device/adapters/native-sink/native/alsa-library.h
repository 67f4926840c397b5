/*
 * The part of libasound that is used, found at run time: one binary also runs where there is none, and can say so. Its types
 * are opaque and its constants part of its stable interface, so its headers are not needed.
 */
#ifndef TONEARM_ALSA_LIBRARY_H
#define TONEARM_ALSA_LIBRARY_H

#include <stddef.h>
#include <time.h>

typedef struct _snd_pcm snd_pcm_t;
typedef struct _snd_pcm_hw_params snd_pcm_hw_params_t;
typedef struct _snd_pcm_sw_params snd_pcm_sw_params_t;
typedef struct _snd_pcm_status snd_pcm_status_t;
typedef struct _snd_output snd_output_t;
typedef unsigned long uframes_t;
typedef long sframes_t;
typedef void (*error_handler_t)(const char *, int, const char *, int, const char *, ...);

/* From alsa/pcm.h. Samples are little endian here; so is every machine that we build for. */
enum { STREAM_PLAYBACK = 0, MODE_NONBLOCK = 1, ACCESS_RW_INTERLEAVED = 3, TSTAMP_ENABLE = 1, TSTAMP_MONOTONIC = 1 };
enum { FORMAT_S16_LE = 2, FORMAT_S24_LE = 6, FORMAT_S32_LE = 10, FORMAT_S24_3LE = 32 };

/* Every function that is used: result, name, arguments. */
#define ALSA_FUNCTIONS(X)                                                                            \
  X(int, snd_pcm_open, (snd_pcm_t **, const char *, int, int))                                       \
  X(int, snd_pcm_close, (snd_pcm_t *))                                                               \
  X(int, snd_pcm_prepare, (snd_pcm_t *))                                                             \
  X(int, snd_pcm_start, (snd_pcm_t *))                                                               \
  X(int, snd_pcm_drop, (snd_pcm_t *))                                                                \
  X(sframes_t, snd_pcm_writei, (snd_pcm_t *, const void *, uframes_t))                               \
  X(sframes_t, snd_pcm_avail_update, (snd_pcm_t *))                                                  \
  X(sframes_t, snd_pcm_avail, (snd_pcm_t *))                                                         \
  X(sframes_t, snd_pcm_rewindable, (snd_pcm_t *))                                                    \
  X(sframes_t, snd_pcm_rewind, (snd_pcm_t *, uframes_t))                                             \
  X(int, snd_pcm_resume, (snd_pcm_t *))                                                              \
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
  X(int, snd_pcm_hw_params_test_format, (snd_pcm_t *, snd_pcm_hw_params_t *, int))                   \
  X(int, snd_pcm_hw_params_is_batch, (const snd_pcm_hw_params_t *))                                  \
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

#define DECLARE(result, name, arguments) extern result(*name) arguments;
ALSA_FUNCTIONS(DECLARE)
#undef DECLARE

/* NULL when it is there, else why it is not. Loads it at the first call, and once. */
const char *alsa_library_problem(void);

#endif
