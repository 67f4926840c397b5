/* Says what alsa-convert.c makes of a few samples, byte by byte, to be compared with what the formats are. Not part of any addon. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "alsa-convert.h"
#include "alsa-library.h"

static void say(const char *name, int format, const void *samples, size_t count, size_t bytes_each) {
  uint8_t *converted = malloc(count * bytes_each);
  if (converted == NULL) exit(1);
  alsa_convert(format, samples, converted, count);
  printf("%s:", name);
  for (size_t index = 0; index < count * bytes_each; index += 1) printf(" %02x", converted[index]);
  printf("\n");
  free(converted);
}

int main(void) {
  static const int16_t narrow[] = {0, 1, -1, INT16_MAX, INT16_MIN};
  static const int32_t wide[] = {0, 1 << 8, -(1 << 8), INT32_MAX, INT32_MIN};
  say("s32 of 16", FORMAT_S32_LE, narrow, 5, 4);
  say("s24 of 32", FORMAT_S24_LE, wide, 5, 4);
  say("s24_3 of 32", FORMAT_S24_3LE, wide, 5, 3);
  return 0;
}
