/* Frames of the line card's protocol: COBS(type, sequence, port, payload, CRC-16) 00.
   Pure; docs/linecard-protocol.md §2. */
#ifndef LC_FRAME_H
#define LC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  LC_HEADER = 3,
  LC_PAYLOAD_MAX = 400,
  LC_RAW_MAX = LC_HEADER + LC_PAYLOAD_MAX + 2,
  LC_WIRE_MAX = LC_RAW_MAX + LC_RAW_MAX / 254 + 2
};

enum lc_type {
  LC_HELLO = 0x01,
  LC_HELLO_ACK = 0x02,
  LC_CMD = 0x10,
  LC_RESP = 0x11,
  LC_EVENT = 0x12,
  LC_ACK = 0x13,
  LC_NAK = 0x14,
  LC_AUDIO_UP = 0x20,
  LC_AUDIO_DOWN = 0x21,
  LC_PING = 0x30,
  LC_PONG = 0x31,
  LC_RESET = 0x3F
};

struct lc_frame {
  uint8_t type, sequence, port;
  const uint8_t *payload; /* inside the reader; good until the next octet */
  size_t size;
};

struct lc_reader {
  uint8_t wire[LC_WIRE_MAX];
  size_t size;
  bool is_too_long;
  uint32_t bad; /* frames that were none */
};

/* CRC-16/CCITT-FALSE: polynomial 1021, begins with FFFF; of "123456789" it is 29B1. */
uint16_t lc_crc(const uint8_t *octets, size_t size);

/* Writes at most LC_WIRE_MAX octets to wire and returns how many; 0 if the payload is too long. */
size_t lc_encode(uint8_t *wire, uint8_t type, uint8_t sequence, uint8_t port,
                 const uint8_t *payload, size_t size);

void lc_reader_init(struct lc_reader *reader);
/* One octet more; true when it ended a good frame. A bad frame is counted and forgotten. */
bool lc_reader_feed(struct lc_reader *reader, uint8_t octet, struct lc_frame *frame);

uint16_t lc_get16(const uint8_t *octets);
uint32_t lc_get32(const uint8_t *octets);
void lc_put16(uint8_t *octets, uint16_t value);
void lc_put32(uint8_t *octets, uint32_t value);

#endif
