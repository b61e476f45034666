/* G.711 octets <-> 16-bit linear samples (ITU-T G.711, tables 1 and 2), as appliance/rtp/g711.py. */
#ifndef DOZVON_LINE_G711_H
#define DOZVON_LINE_G711_H

#include <stdint.h>

int16_t alaw_decode(uint8_t octet);
int16_t ulaw_decode(uint8_t octet);
uint8_t alaw_encode(int16_t sample);
uint8_t ulaw_encode(int16_t sample);

/* By static payload type (RFC 3551 §6): 0 is µ-law, anything else A-law. */
static inline int16_t g711_decode(int payload_type, uint8_t octet) {
  return payload_type == 0 ? ulaw_decode(octet) : alaw_decode(octet);
}
static inline uint8_t g711_encode(int payload_type, int16_t sample) {
  return payload_type == 0 ? ulaw_encode(sample) : alaw_encode(sample);
}

#endif
