/* See lc_link.h. */
#include "lc_link.h"

#include <string.h>

enum { SEQUENCES = 16 };

static bool is_due(uint32_t deadline_us, uint32_t now_us) {
  return (int32_t)(now_us - deadline_us) >= 0;
}

void lc_link_init(struct lc_link *link) {
  memset(link, 0, sizeof *link);
  link->backoff_us = LC_RETRANSMIT_US;
}

bool lc_link_push(struct lc_link *link, uint8_t type, uint8_t port, const uint8_t *payload,
                  size_t size) {
  if (link->count == LC_QUEUE || size > LC_RELIABLE)
    return false;
  struct lc_waiting *waiting = &link->queue[(link->first + link->count) % LC_QUEUE];
  waiting->type = type;
  waiting->port = port;
  waiting->size = (uint8_t)size;
  memcpy(waiting->payload, payload, size);
  link->count++;
  return true;
}

static void send_one(struct lc_link *link, uint8_t index, lc_send *send, void *context) {
  const struct lc_waiting *waiting = &link->queue[(link->first + index) % LC_QUEUE];
  send(context, waiting->type, (uint8_t)((link->sequence + index) % SEQUENCES), waiting->port,
       waiting->payload, waiting->size);
}

bool lc_link_run(struct lc_link *link, uint32_t now_us, lc_send *send, void *context) {
  if (link->in_flight > 0 && is_due(link->deadline_us, now_us)) {
    if (link->tries >= LC_TRIES)
      return false;
    for (uint8_t index = 0; index < link->in_flight; index++)
      send_one(link, index, send, context);
    link->repeated += link->in_flight;
    link->tries++;
    link->backoff_us *= 2;
    link->deadline_us = now_us + link->backoff_us;
  }
  while (link->in_flight < link->count && link->in_flight < LC_WINDOW) {
    if (link->in_flight == 0) {
      link->tries = 1;
      link->backoff_us = LC_RETRANSMIT_US;
      link->deadline_us = now_us + link->backoff_us;
    }
    send_one(link, link->in_flight++, send, context);
  }
  return true;
}

void lc_link_acknowledged(struct lc_link *link, uint8_t sequence, uint32_t now_us) {
  uint8_t arrived = (uint8_t)((sequence - link->sequence + 1) & (SEQUENCES - 1));
  if (arrived == 0 || arrived > link->in_flight)
    return; /* an old one */
  link->first = (uint8_t)((link->first + arrived) % LC_QUEUE);
  link->count = (uint8_t)(link->count - arrived);
  link->in_flight = (uint8_t)(link->in_flight - arrived);
  link->sequence = (uint8_t)((link->sequence + arrived) % SEQUENCES);
  link->tries = 1;
  link->backoff_us = LC_RETRANSMIT_US;
  link->deadline_us = now_us + link->backoff_us;
}

void lc_link_missed(struct lc_link *link, uint8_t sequence, uint32_t now_us) {
  lc_link_acknowledged(link, (uint8_t)((sequence - 1) & (SEQUENCES - 1)), now_us);
  if (link->in_flight > 0 && link->sequence == (sequence & (SEQUENCES - 1)) && link->tries == 1)
    link->deadline_us = now_us;
}

enum lc_arrival lc_link_accept(struct lc_link *link, uint8_t sequence) {
  uint8_t ahead = (uint8_t)((sequence - link->expected) & (SEQUENCES - 1));
  if (ahead == 0) {
    link->expected = (uint8_t)((link->expected + 1) % SEQUENCES);
    return LC_IS_NEW;
  }
  return ahead < SEQUENCES / 2 ? LC_IS_AHEAD : LC_IS_KNOWN;
}

uint8_t lc_link_last(const struct lc_link *link) {
  return (uint8_t)((link->expected - 1) & (SEQUENCES - 1));
}
