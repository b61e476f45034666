/* The card under sanitizers: random octets, damaged frames, whole frames with random payloads, commands
   that are obeyed, hooks and rings at random, for so many octets. Prints what it held; any overstepping
   ends it. fuzz OCTETS SEED */
#include "lc_card.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct harness;
struct harness *harness_new(const char *kinds, uint32_t best_baud, uint32_t now_us);
void harness_free(struct harness *);
void harness_receive(struct harness *, const uint8_t *, size_t, uint32_t);
void harness_tick(struct harness *, uint32_t);
void harness_audio(struct harness *, uint32_t);
void harness_hook(struct harness *, int, int, uint32_t);
void harness_rung(struct harness *, int, int, uint32_t);
void harness_loop(struct harness *, int, int, uint32_t);
size_t harness_take(struct harness *, uint8_t *, size_t);
uint32_t harness_see(const struct harness *, int, int);

static uint64_t state;

static uint32_t any(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 20) % below;
}

static const uint8_t TYPES[] = {0x01, 0x10, 0x10, 0x10, 0x11, 0x12, 0x13, 0x14,
                                0x20, 0x21, 0x21, 0x30, 0x31, 0x3F, 0x77};
static const uint8_t CALM_TYPES[] = {0x01, 0x10, 0x10, 0x13, 0x13, 0x30};

/* A cadence that makes sense; how often it is asked for is chance. */
static size_t make_ring(uint8_t *payload) {
  uint8_t count = (uint8_t)(2 + 2 * any(4));
  payload[0] = LC_RING;
  payload[1] = count;
  for (uint8_t at = 0; at < count; at++)
    lc_put16(payload + 2 + 2 * at, (uint16_t)(1 + any(3000)));
  return 2 + 2u * count;
}

/* is_calm: a host that knows what it does, so that the session lasts. */
static size_t make_frame(const struct harness *harness, uint8_t *wire, int is_calm) {
  uint8_t payload[LC_PAYLOAD_MAX];
  size_t size = any(4) ? any(24) : any(LC_PAYLOAD_MAX + 1);
  for (size_t at = 0; at < size; at++)
    payload[at] = any(3) ? (uint8_t)any(16) : (uint8_t)any(256);
  uint8_t type = is_calm ? CALM_TYPES[any(sizeof CALM_TYPES)] : TYPES[any(sizeof TYPES)];
  if (type == LC_HELLO && (is_calm || any(4))) {
    memcpy(payload, "\1\1\0\0\0\7\0\0\0\0", 10);
    size = 10;
  }
  if (type == LC_CMD && any(2))
    size = make_ring(payload);
  uint8_t next = (uint8_t)harness_see(harness, type == LC_ACK ? 13 : 12, 0);
  uint8_t sequence = is_calm || any(4) ? next : (uint8_t)any(16);
  return lc_encode(wire, type, sequence, (uint8_t)any(5), payload, size);
}

int main(int argc, char **argv) {
  size_t wanted = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, fed = 0;
  state = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 1;
  struct harness *harness = harness_new("ssoo", 921600, 0);
  static uint8_t sink[1 << 20];
  uint32_t now_us = 4294000000u, sessions = 0, longest = 0, ringing_us[2] = {0, 0};
  int is_calm = 0; /* the host, and the telephones hang on their hooks */
  while (fed < wanted) {
    uint8_t octets[LC_WIRE_MAX];
    size_t size;
    if (any(3) == 0) {
      size = any(sizeof octets);
      for (size_t at = 0; at < size; at++)
        octets[at] = (uint8_t)any(256);
    } else {
      size = make_frame(harness, octets, is_calm);
      if (any(4) == 0)
        octets[any((uint32_t)size)] ^= (uint8_t)(1u << any(8));
    }
    harness_receive(harness, octets, size, now_us);
    fed += size;
    sessions += harness_see(harness, 4, 0);
    uint32_t step = any(20) ? any(20000) : any(700000);
    is_calm = any(500) ? is_calm : !is_calm;
    if (is_calm)
      step /= 4;
    for (uint32_t until = now_us + step; (int32_t)(until - now_us) > 0;) {
      now_us += 1000;
      harness_tick(harness, now_us);
      for (int port = 0; port < 2; port++) {
        ringing_us[port] = harness_see(harness, 0, port) ? ringing_us[port] + 1000 : 0;
        longest = ringing_us[port] > longest ? ringing_us[port] : longest;
      }
      if (any(10) == 0)
        harness_audio(harness, now_us);
      if (any(8) == 0)
        harness_hook(harness, (int)any(2), !is_calm && any(2), now_us);
      if (any(50) == 0)
        harness_rung(harness, 2 + (int)any(2), (int)any(2), now_us);
      if (any(50) == 0)
        harness_loop(harness, 2 + (int)any(2), (int)any(2), now_us);
    }
    harness_take(harness, sink, sizeof sink);
  }
  harness_tick(harness, now_us + 1);
  harness_tick(harness, now_us + 600000);
  int is_safe = !harness_see(harness, 0, 0) && !harness_see(harness, 0, 1) &&
                !harness_see(harness, 1, 2) && !harness_see(harness, 1, 3);
  printf("octets %zu sessions %u longest ring ms %u safe %d\n", fed, sessions, longest / 1000,
         is_safe);
  harness_free(harness);
  return is_safe && longest > 0 && longest <= 3001000 ? 0 : 1;
}
