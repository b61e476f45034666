#include "line_g711.h"

enum { ULAW_BIAS = 0x84, ULAW_CLIP = 32635 };

static int bit_length(unsigned value) { return value ? 32 - __builtin_clz(value) : 0; }

int16_t alaw_decode(uint8_t octet) {
  octet ^= 0x55;
  int segment = octet >> 4 & 7, step = (octet & 0x0f) << 4;
  int magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return (int16_t)(octet & 0x80 ? magnitude : -magnitude);
}

int16_t ulaw_decode(uint8_t octet) {
  octet ^= 0xff;
  int segment = octet >> 4 & 7, step = (octet & 0x0f) << 3;
  int magnitude = ((step + ULAW_BIAS) << segment) - ULAW_BIAS;
  return (int16_t)(octet & 0x80 ? -magnitude : magnitude);
}

uint8_t alaw_encode(int16_t sample) {
  unsigned sign = sample >= 0 ? 0x80 : 0;
  unsigned magnitude = (unsigned)(sample >= 0 ? sample : ~sample) >> 4;
  int segment = bit_length(magnitude) - 4;
  if (segment < 0) segment = 0;
  unsigned step = (segment < 2 ? magnitude : magnitude >> (segment - 1)) & 0x0f;
  return (uint8_t)((sign | (unsigned)segment << 4 | step) ^ 0x55);
}

uint8_t ulaw_encode(int16_t sample) {
  unsigned sign = sample >= 0 ? 0 : 0x80;
  unsigned magnitude = (unsigned)(sample >= 0 ? sample : -sample);
  if (magnitude > ULAW_CLIP) magnitude = ULAW_CLIP;
  magnitude += ULAW_BIAS;
  int segment = bit_length(magnitude) - 8;
  return (uint8_t)((sign | (unsigned)segment << 4 | (magnitude >> (segment + 3) & 0x0f)) ^ 0xff);
}
