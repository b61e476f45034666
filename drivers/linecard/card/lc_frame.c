/* See lc_frame.h. */
#include "lc_frame.h"

#include <string.h>

uint16_t lc_crc(const uint8_t *octets, size_t size) {
  uint16_t crc = 0xFFFF;
  for (size_t at = 0; at < size; at++) {
    crc ^= (uint16_t)((uint16_t)octets[at] << 8);
    for (int bit = 0; bit < 8; bit++)
      crc = (uint16_t)((crc & 0x8000) ? (uint16_t)(crc << 1) ^ 0x1021 : crc << 1);
  }
  return crc;
}

/* Consistent Overhead Byte Stuffing: no zero in the wire but the one at the end. */
static size_t stuff(uint8_t *wire, const uint8_t *raw, size_t size) {
  size_t code_at = 0, to = 1;
  uint8_t code = 1;
  for (size_t at = 0; at < size; at++) {
    if (raw[at] != 0) {
      wire[to++] = raw[at];
      code++;
    }
    if (raw[at] == 0 || (code == 0xFF && at + 1 < size)) {
      wire[code_at] = code;
      code_at = to++;
      code = 1;
    }
  }
  wire[code_at] = code;
  wire[to++] = 0;
  return to;
}

size_t lc_encode(uint8_t *wire, uint8_t type, uint8_t sequence, uint8_t port,
                 const uint8_t *payload, size_t size) {
  uint8_t raw[LC_RAW_MAX];
  if (size > LC_PAYLOAD_MAX)
    return 0;
  raw[0] = type;
  raw[1] = sequence;
  raw[2] = port;
  if (size > 0)
    memcpy(raw + LC_HEADER, payload, size);
  lc_put16(raw + LC_HEADER + size, lc_crc(raw, LC_HEADER + size));
  return stuff(wire, raw, LC_HEADER + size + 2);
}

/* In place; 0 if it is no COBS. */
static size_t unstuff(uint8_t *wire, size_t size) {
  size_t from = 0, to = 0;
  while (from < size) {
    uint8_t code = wire[from++];
    if (code == 0 || from + code - 1 > size)
      return 0;
    memmove(wire + to, wire + from, (size_t)code - 1);
    to += (size_t)code - 1;
    from += (size_t)code - 1;
    if (code != 0xFF && from < size)
      wire[to++] = 0;
  }
  return to;
}

void lc_reader_init(struct lc_reader *reader) { memset(reader, 0, sizeof *reader); }

static bool finish(struct lc_reader *reader, struct lc_frame *frame) {
  size_t size = reader->is_too_long ? 0 : unstuff(reader->wire, reader->size);
  if (size < LC_HEADER + 2 || size > LC_RAW_MAX ||
      lc_get16(reader->wire + size - 2) != lc_crc(reader->wire, size - 2))
    return false;
  frame->type = reader->wire[0];
  frame->sequence = reader->wire[1];
  frame->port = reader->wire[2];
  frame->payload = reader->wire + LC_HEADER;
  frame->size = size - LC_HEADER - 2;
  return true;
}

bool lc_reader_feed(struct lc_reader *reader, uint8_t octet, struct lc_frame *frame) {
  if (octet != 0) {
    if (reader->size < sizeof reader->wire)
      reader->wire[reader->size++] = octet;
    else
      reader->is_too_long = true;
    return false;
  }
  bool is_empty = reader->size == 0; /* zeros between frames are nothing */
  bool is_good = !is_empty && finish(reader, frame);
  if (!is_empty && !is_good)
    reader->bad++;
  reader->size = 0;
  reader->is_too_long = false;
  return is_good;
}

uint16_t lc_get16(const uint8_t *octets) {
  return (uint16_t)((uint16_t)octets[0] << 8 | octets[1]);
}

uint32_t lc_get32(const uint8_t *octets) {
  return (uint32_t)lc_get16(octets) << 16 | lc_get16(octets + 2);
}

void lc_put16(uint8_t *octets, uint16_t value) {
  octets[0] = (uint8_t)(value >> 8);
  octets[1] = (uint8_t)value;
}

void lc_put32(uint8_t *octets, uint32_t value) {
  lc_put16(octets, (uint16_t)(value >> 16));
  lc_put16(octets + 2, (uint16_t)value);
}
