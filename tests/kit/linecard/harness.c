/* The portable core of the card for tests in virtual time: what leaves it is kept until it is taken,
   what it does with its pins is counted. */
#include "lc_card.h"

#include <stdlib.h>
#include <string.h>

enum { WIRE = 1 << 20, LOG = 4096 };

struct harness {
  struct lc_card card;
  struct lc_board board;
  uint8_t wire[WIRE];
  size_t size;
  uint8_t ringing[LC_PORTS], hooks[LC_PORTS], feeds[LC_PORTS], heard[LC_PORTS][LC_BLOCK];
  uint32_t rings[LC_PORTS], breaks[LC_PORTS], baud;
  uint8_t says[LC_PORTS];
};

static void on_send(void *context, const uint8_t *octets, size_t size) {
  struct harness *harness = context;
  if (harness->size + size <= WIRE) {
    memcpy(harness->wire + harness->size, octets, size);
    harness->size += size;
  }
}
static void on_baud(void *context, uint32_t baud) { ((struct harness *)context)->baud = baud; }
static void on_ring(void *context, uint8_t port, uint8_t hertz) {
  struct harness *harness = context;
  harness->rings[port] += hertz != 0 && harness->ringing[port] == 0;
  harness->ringing[port] = hertz;
}
static void on_reversed(void *context, uint8_t port, bool is_on) {
  (void)context;
  (void)port;
  (void)is_on;
}
static void on_feed(void *context, uint8_t port, bool is_on) {
  ((struct harness *)context)->feeds[port] = is_on;
}
static void on_hook(void *context, uint8_t port, bool is_off) {
  struct harness *harness = context;
  harness->breaks[port] += harness->hooks[port] && !is_off;
  harness->hooks[port] = is_off;
}
static void on_gain(void *context, uint8_t port, int8_t receive, int8_t transmit) {
  (void)context;
  (void)port;
  (void)receive;
  (void)transmit;
}
static bool on_measure(void *context, uint8_t port, int32_t *millivolts, int16_t *milliamperes) {
  (void)context;
  *millivolts = 48000;
  *milliamperes = (int16_t)(20 + port);
  return true;
}
static void on_record(void *context, uint8_t port, uint8_t *block) {
  memset(block, ((struct harness *)context)->says[port], LC_BLOCK);
}
static void on_play(void *context, uint8_t port, const uint8_t *block) {
  memcpy(((struct harness *)context)->heard[port], block, LC_BLOCK);
}

struct harness *harness_new(const char *kinds, uint32_t best_baud, uint32_t now_us) {
  struct harness *harness = calloc(1, sizeof *harness);
  harness->board = (struct lc_board){
      .context = harness, .firmware = "harness", .serial_number = "H1", .best_baud = best_baud,
      .send = on_send, .set_baud = on_baud, .set_ring = on_ring, .set_reversed = on_reversed,
      .set_feed = on_feed, .set_hook = on_hook, .set_gain = on_gain, .measure = on_measure,
      .record = on_record, .play = on_play};
  for (; *kinds; kinds++)
    harness->board.kinds[harness->board.ports++] = *kinds == 's' ? LC_FXS : LC_FXO;
  lc_card_init(&harness->card, &harness->board, now_us);
  return harness;
}
void harness_free(struct harness *harness) { free(harness); }
void harness_receive(struct harness *harness, const uint8_t *octets, size_t size, uint32_t now_us) {
  lc_card_receive(&harness->card, octets, size, now_us);
}
void harness_tick(struct harness *harness, uint32_t now_us) {
  lc_card_tick(&harness->card, now_us);
}
void harness_audio(struct harness *harness, uint32_t now_us) {
  lc_card_audio(&harness->card, now_us);
}
void harness_hook(struct harness *harness, int port, int is_off, uint32_t now_us) {
  lc_line_hook(&harness->card.lines[port], is_off, now_us);
}
void harness_rung(struct harness *harness, int port, int is_on, uint32_t now_us) {
  lc_line_rung(&harness->card.lines[port], is_on, 25, now_us);
}
void harness_loop(struct harness *harness, int port, int has_loop, uint32_t now_us) {
  lc_line_loop(&harness->card.lines[port], has_loop, now_us);
}
void harness_say(struct harness *harness, int port, int octet) {
  harness->says[port] = (uint8_t)octet;
}
size_t harness_take(struct harness *harness, uint8_t *octets, size_t size) {
  size_t taken = harness->size < size ? harness->size : size;
  memcpy(octets, harness->wire, taken);
  memmove(harness->wire, harness->wire + taken, harness->size - taken);
  harness->size -= taken;
  return taken;
}
/* 0 ringing Hz, 1 FXO off-hook, 2 rings, 3 breaks of the loop, 4 has a session, 5 baud, 6 heard,
   7 bad frames, 8 repeated, 9 underruns, 10 overruns, 11 feed, 12 the number of the next command,
   13 of the last frame that wants an acknowledgement */
uint32_t harness_see(const struct harness *harness, int what, int port) {
  switch (what) {
  case 0:
    return harness->ringing[port];
  case 1:
    return harness->hooks[port];
  case 2:
    return harness->rings[port];
  case 3:
    return harness->breaks[port];
  case 4:
    return harness->card.has_session;
  case 5:
    return harness->card.baud;
  case 6:
    return harness->heard[port][0];
  case 7:
    return harness->card.reader.bad;
  case 8:
    return harness->card.link.repeated;
  case 9:
    return harness->card.underruns;
  case 10:
    return harness->card.overruns;
  case 12:
    return harness->card.link.expected;
  case 13:
    return (uint32_t)(harness->card.link.sequence + harness->card.link.in_flight + 15) % 16;
  default:
    return harness->feeds[port];
  }
}
size_t harness_encode(uint8_t *wire, int type, int sequence, int port, const uint8_t *payload,
                      size_t size) {
  return lc_encode(wire, (uint8_t)type, (uint8_t)sequence, (uint8_t)port, payload, size);
}
