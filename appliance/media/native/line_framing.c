#include "line_framing.h"

#include "line_g711.h"

enum { REPORT_BEGINS = 'X', REPORT_ENDS = '.', REPORT_MOST = 256 };

void unframer_init(struct unframer *unframer, enum line_encoding encoding, bool is_shielded) {
  *unframer = (struct unframer){.encoding = encoding, .is_shielded = is_shielded};
}

static size_t take_octet(struct unframer *unframer, uint8_t octet, int16_t *sample) {
  switch (unframer->encoding) {
    case LINE_ALAW: *sample = alaw_decode(octet); return 1;
    case LINE_ULAW: *sample = ulaw_decode(octet); return 1;
    case LINE_U8: *sample = (int16_t)((octet - 0x80) * 256); return 1;
    case LINE_S16LE: break;
  }
  unframer->has_low = !unframer->has_low;
  if (unframer->has_low)
    unframer->low = octet;
  else
    *sample = (int16_t)(uint16_t)(octet << 8 | unframer->low);
  return unframer->has_low ? 0 : 1;
}

/* The octets of a complex report are text between two codes, not sound. */
static void note_report(struct unframer *unframer, int code) {
  if (code == REPORT_BEGINS) unframer->report_left = REPORT_MOST;
  if (code == REPORT_ENDS) unframer->report_left = 0;
}

/* What follows a DLE; true when it is a code. */
static bool take_shielded(struct unframer *unframer, uint8_t octet, int16_t *samples, size_t *made) {
  unframer->has_dle = false;
  if (octet == SHIELD_DLE || octet == SHIELD_SUB) {
    if (unframer->report_left) return false;
    *made += take_octet(unframer, SHIELD_DLE, samples + *made);
    if (octet == SHIELD_SUB) *made += take_octet(unframer, SHIELD_DLE, samples + *made);
    return false;
  }
  note_report(unframer, octet);
  unframer->is_ended = octet == SHIELD_ETX;
  return true;
}

size_t unframe(struct unframer *unframer, const uint8_t *octets, size_t size, int16_t *samples,
               size_t room, size_t *made, int *code) {
  size_t used = 0;
  *made = 0;
  *code = -1;
  while (used < size && *made + 2 <= room && !unframer->is_ended) {
    uint8_t octet = octets[used++];
    if (unframer->has_dle) {
      if (!take_shielded(unframer, octet, samples, made)) continue;
      *code = octet;
      return used;
    }
    if (unframer->is_shielded && octet == SHIELD_DLE) {
      unframer->has_dle = true;
    } else if (unframer->report_left) {
      unframer->report_left--;
    } else {
      *made += take_octet(unframer, octet, samples + *made);
    }
  }
  return used;
}

/* Rounds, so that silence stays 0x80. */
static uint8_t u8_encode(int16_t sample) {
  int value = ((sample + 128) >> 8) + 0x80;
  return (uint8_t)(value > 255 ? 255 : value);
}

static size_t put_octet(uint8_t *octets, size_t at, uint8_t octet, bool is_shielded) {
  octets[at++] = octet;
  if (is_shielded && octet == SHIELD_DLE) octets[at++] = octet;
  return at;
}

size_t frame_samples(enum line_encoding encoding, bool is_shielded, const int16_t *samples,
                     size_t count, uint8_t *octets) {
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    uint16_t bits = (uint16_t)samples[i];
    switch (encoding) {
      case LINE_ALAW: at = put_octet(octets, at, alaw_encode(samples[i]), is_shielded); break;
      case LINE_ULAW: at = put_octet(octets, at, ulaw_encode(samples[i]), is_shielded); break;
      case LINE_U8: at = put_octet(octets, at, u8_encode(samples[i]), is_shielded); break;
      case LINE_S16LE:
        at = put_octet(octets, at, (uint8_t)bits, is_shielded);
        at = put_octet(octets, at, (uint8_t)(bits >> 8), is_shielded);
        break;
    }
  }
  return at;
}
