/* From the widths that sinks are written in to those that a card may insist on. */
#ifndef TONEARM_ALSA_CONVERT_H
#define TONEARM_ALSA_CONVERT_H

#include <stddef.h>

/*
 * To FORMAT_S32_LE from int16_t; to FORMAT_S24_LE (in the low bits of four bytes) and FORMAT_S24_3LE from int32_t,
 * left-aligned. Other formats are written as they are, and not through here.
 */
void alsa_convert(int format, const void *samples, void *converted, size_t count);

#endif
