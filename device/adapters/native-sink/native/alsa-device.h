/* The state of an open device: alsa-open.c makes and ends it, alsa-device.c plays through it. */
#ifndef TONEARM_ALSA_DEVICE_H
#define TONEARM_ALSA_DEVICE_H

#include "alsa-library.h"
#include "sink-device.h"

struct sink_device {
  snd_pcm_t *pcm;
  snd_pcm_status_t *status;
  unsigned channels;
  unsigned sample_bits; /* as written to us */
  int format;           /* as the device has it */
  uframes_t reach_frames;
  void *converted; /* NULL when the device takes what is written to us */
  uframes_t converted_frames;
};

#endif
