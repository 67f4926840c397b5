/* A card that has the width but not the packing that is written to us gets its own; all little endian. */
#include "alsa-convert.h"

#include <stdint.h>

#include "alsa-library.h"

void alsa_convert(int format, const void *samples, void *converted, size_t count) {
  const int16_t *narrow = samples;
  const int32_t *wide = samples;
  int32_t *words = converted;
  uint8_t *bytes = converted;
  for (size_t index = 0; index < count; index += 1) {
    if (format == FORMAT_S32_LE) words[index] = (int32_t)((uint32_t)(uint16_t)narrow[index] << 16);
    if (format == FORMAT_S24_LE) words[index] = wide[index] >> 8;
    if (format == FORMAT_S24_3LE) {
      uint32_t sample = (uint32_t)wide[index];
      bytes[3 * index] = (uint8_t)(sample >> 8);
      bytes[3 * index + 1] = (uint8_t)(sample >> 16);
      bytes[3 * index + 2] = (uint8_t)(sample >> 24);
    }
  }
}
