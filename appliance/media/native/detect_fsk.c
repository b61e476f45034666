/* Caller id by FSK, 1200 bit/s: spandsp's receiver gives bits; a message begins after marks, is
   type, length, data, checksum (8N1, least bit first), and counts only when its sum is right. */
#include "detect_parts.h"

#include <errno.h>
#include <string.h>

enum {
  LEAST_MARKS = 24,      /* off-hook 80 +-25 are sent; some are lost while the receiver wakes */
  MOST_STUFFING = 40,    /* marks between two octets of one message */
  LEAST_TYPE = 0x04,     /* SDMF; 0x06 message waiting, 0x80 and above MDMF */
  CUTOFF_DBM0 = -48,
  SAME_MESSAGE = RATE_HZ / 2,
};

static const fsk_spec_t V23 = {"V.23", 2100, 1300, -14, CUTOFF_DBM0, 120000};
static const fsk_spec_t BELL202 = {"Bell 202", 2200, 1200, -14, CUTOFF_DBM0, 120000};

static void lose(struct fsk_hearing *hearing) {
  hearing->is_framed = hearing->is_in_octet = false;
  hearing->marks = hearing->length = hearing->idle = 0;
}

static bool is_right(const struct fsk_hearing *hearing) {
  unsigned sum = 0;
  for (unsigned i = 0; i < hearing->length; i++) sum += hearing->message[i];
  return (sum & 0xff) == 0;
}

static void tell(struct fsk_hearing *hearing) {
  struct results *results = hearing->results;
  if (*hearing->told_at && results->fed - *hearing->told_at < SAME_MESSAGE) return;
  struct detection *found = detect_push(results, DETECTED_CALLER_ID);
  found->method = hearing->method;
  found->length = (int)hearing->length;
  memcpy(found->message, hearing->message, hearing->length);
  *hearing->told_at = results->fed;
}

static void take_octet(struct fsk_hearing *hearing, uint8_t octet) {
  bool is_type = octet == LEAST_TYPE || octet == 0x06 || octet >= 0x80;
  if (hearing->length == 0 && !is_type) {
    lose(hearing);
    return;
  }
  hearing->message[hearing->length++] = octet;
  if (hearing->length == 2) hearing->wanted = 3u + octet;
  if (hearing->length < 2 || hearing->length < hearing->wanted) return;
  if (is_right(hearing)) tell(hearing);
  lose(hearing);
}

static void take_framed(struct fsk_hearing *hearing, int bit) {
  if (!hearing->is_in_octet) {
    if (bit) {
      if (hearing->length && ++hearing->idle > MOST_STUFFING) lose(hearing);
      return;
    }
    hearing->is_in_octet = true;
    hearing->bit = hearing->octet = hearing->idle = 0;
  } else if (hearing->bit < 8) {
    hearing->octet |= (unsigned)bit << hearing->bit++;
  } else {
    hearing->is_in_octet = false;
    if (bit)
      take_octet(hearing, (uint8_t)hearing->octet);
    else
      lose(hearing);
  }
}

static void take_bit(void *user, int bit) {
  struct fsk_hearing *hearing = user;
  if (bit < 0) { /* the carrier came or went */
    lose(hearing);
  } else if (hearing->is_framed) {
    take_framed(hearing, bit);
  } else {
    hearing->marks = bit ? hearing->marks + 1 : 0;
    if (hearing->marks >= LEAST_MARKS) hearing->is_framed = true;
  }
}

int fsk_hearing_begin(struct fsk_hearing *hearing, int method, struct results *results,
                      uint64_t *told_at) {
  const fsk_spec_t *spec = method == CALLER_ID_V23 ? &V23 : &BELL202;
  memset(hearing, 0, sizeof *hearing);
  hearing->method = method;
  hearing->results = results;
  hearing->told_at = told_at;
  hearing->receiver = fsk_rx_init(NULL, spec, FSK_FRAME_MODE_ASYNC, take_bit, hearing);
  if (!hearing->receiver) return -ENOMEM;
  return 0;
}

void fsk_hearing_feed(struct fsk_hearing *hearing, const int16_t *samples, size_t count) {
  if (hearing->receiver) fsk_rx(hearing->receiver, samples, (int)count);
}

void fsk_hearing_free(struct fsk_hearing *hearing) {
  if (hearing->receiver) fsk_rx_free(hearing->receiver);
  hearing->receiver = NULL;
}
