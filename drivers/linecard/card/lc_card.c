/* See lc_card.h. */
#include "lc_card.h"

#include <string.h>

static void send_frame(void *context, uint8_t type, uint8_t sequence, uint8_t port,
                       const uint8_t *payload, size_t size) {
  struct lc_card *card = context;
  uint8_t wire[LC_WIRE_MAX];
  size_t length = lc_encode(wire, type, sequence, port, payload, size);
  card->board->send(card->board->context, wire, length);
}

/* Nobody is in charge: every line on-hook and silent, the session over. */
static void make_safe(struct lc_card *card) {
  card->has_session = false;
  lc_link_init(&card->link);
  memset(card->audio, 0, sizeof card->audio);
  for (uint8_t port = 0; port < card->board->ports; port++)
    lc_line_make_safe(&card->lines[port]);
}

static void drop_session(struct lc_card *card, uint8_t reason) {
  make_safe(card);
  send_frame(card, LC_RESET, 0, 0, &reason, 1);
}

static void set_baud(struct lc_card *card, uint32_t baud) {
  if (baud != card->baud)
    card->board->set_baud(card->board->context, baud);
  card->baud = baud;
  lc_reader_init(&card->reader);
}

static void tell_event(void *context, uint8_t port, uint8_t event, uint32_t at_us,
                       const uint8_t *details, size_t size) {
  struct lc_card *card = context;
  uint8_t payload[LC_RELIABLE];
  if (!card->has_session || size > LC_RELIABLE - 5)
    return;
  lc_put32(payload, at_us);
  payload[4] = event;
  if (size > 0)
    memcpy(payload + 5, details, size);
  if (!lc_link_push(&card->link, LC_EVENT, port, payload, 5 + size))
    drop_session(card, LC_OVERFLOW);
}

void lc_card_init(struct lc_card *card, const struct lc_board *board, uint32_t now_us) {
  memset(card, 0, sizeof *card);
  card->board = board;
  card->baud = LC_FIRST_BAUD;
  card->uptime_us = card->heard_us = card->now_us = now_us;
  for (uint8_t port = 0; port < board->ports; port++) {
    lc_line_init(&card->lines[port], board, port);
    card->lines[port].tell = tell_event;
    card->lines[port].context = card;
  }
  make_safe(card);
}

/* ---- HELLO */

static size_t put_text(uint8_t *octets, const char *text) {
  size_t size = strlen(text);
  if (size > 32)
    size = 32;
  octets[0] = (uint8_t)size;
  memcpy(octets + 1, text, size);
  return size + 1;
}

static void answer_hello(struct lc_card *card, uint32_t baud) {
  const struct lc_board *board = card->board;
  uint8_t payload[128];
  lc_put32(payload, card->session);
  payload[4] = LC_PROTOCOL;
  payload[5] = LC_WINDOW;
  lc_put32(payload + 6, baud);
  payload[10] = board->ports;
  size_t at = 11;
  for (uint8_t port = 0; port < board->ports; port++, at += 4) {
    bool is_fxs = board->kinds[port] == LC_FXS;
    payload[at] = board->kinds[port];
    lc_put16(payload + at + 1, is_fxs ? LC_CAN_POLARITY | LC_CAN_PULSE | LC_CAN_LOOP
                                      : LC_CAN_PULSE | LC_CAN_FLASH | LC_CAN_LOOP);
    payload[at + 3] = LC_ALAW | LC_ULAW;
  }
  at += put_text(payload + at, board->firmware);
  at += put_text(payload + at, board->serial_number);
  send_frame(card, LC_HELLO_ACK, 0, 0, payload, at);
}

static void tell_state(struct lc_card *card) {
  for (uint8_t port = 0; port < card->board->ports; port++) {
    const struct lc_line *line = &card->lines[port];
    if (line->is_off)
      tell_event(card, port, LC_OFF_HOOK, card->now_us, NULL, 0);
    if (line->is_lost)
      tell_event(card, port, LC_LINE_LOST, card->now_us, NULL, 0);
  }
}

/* least and most protocol, session, wanted baud */
static void hear_hello(struct lc_card *card, const struct lc_frame *frame) {
  if (frame->size < 10 || frame->payload[0] > LC_PROTOCOL || frame->payload[1] < LC_PROTOCOL) {
    uint8_t reason = LC_UNSUPPORTED;
    send_frame(card, LC_NAK, 0, 0, &reason, 1);
    return;
  }
  uint32_t session = lc_get32(frame->payload + 2), wanted = lc_get32(frame->payload + 6);
  if (!card->has_session || session != card->session) {
    make_safe(card);
    card->has_session = true;
    card->session = session;
    tell_state(card);
  }
  uint32_t best = card->board->best_baud, baud = 0;
  if (wanted != 0 && best != 0)
    baud = wanted < best ? wanted : best;
  answer_hello(card, baud == card->baud ? 0 : baud);
  if (baud != 0 && baud != card->baud) {
    set_baud(card, baud);
    card->is_on_trial = true;
    card->trial_us = card->now_us;
  }
}

/* ---- the rest */

static void hear_command(struct lc_card *card, const struct lc_frame *frame) {
  uint8_t sequence = frame->sequence & 0x0F;
  enum lc_arrival arrival = lc_link_accept(&card->link, sequence);
  if (arrival == LC_IS_AHEAD) {
    uint8_t reason = LC_MISSED;
    send_frame(card, LC_NAK, (uint8_t)(card->link.expected), 0, &reason, 1);
    return;
  }
  send_frame(card, LC_ACK, lc_link_last(&card->link), 0, NULL, 0);
  if (arrival == LC_IS_KNOWN)
    return; /* it was carried out: its answer is on its way */
  uint8_t payload[2 + 8];
  size_t size = 0;
  payload[0] = sequence;
  payload[1] = (uint8_t)lc_obey(card, frame->port, frame->payload, frame->size, payload + 2, &size);
  if (card->has_session && !lc_link_push(&card->link, LC_RESP, frame->port, payload, 2 + size))
    drop_session(card, LC_OVERFLOW);
}

static void hear_audio(struct lc_card *card, const struct lc_frame *frame) {
  if (frame->size < 5)
    return;
  uint8_t mask = frame->payload[4];
  size_t at = 5;
  for (uint8_t port = 0; port < LC_PORTS && at + LC_BLOCK <= frame->size; port++) {
    if (!(mask & 1 << port))
      continue;
    struct lc_audio *audio = &card->audio[port];
    if (audio->is_on && audio->count < LC_DOWN_BLOCKS) {
      memcpy(audio->blocks[(audio->first + audio->count) % LC_DOWN_BLOCKS], frame->payload + at,
             LC_BLOCK);
      audio->count++;
    } else if (audio->is_on) {
      card->overruns++;
    }
    at += LC_BLOCK;
  }
}

static void answer_ping(struct lc_card *card, uint8_t sequence) {
  uint8_t payload[12];
  lc_put32(payload, card->uptime_ms);
  lc_put16(payload + 4, (uint16_t)card->reader.bad);
  lc_put16(payload + 6, (uint16_t)card->link.repeated);
  lc_put16(payload + 8, card->underruns);
  lc_put16(payload + 10, card->overruns);
  send_frame(card, LC_PONG, sequence, 0, payload, sizeof payload);
}

static void hear_session(struct lc_card *card, const struct lc_frame *frame) {
  switch (frame->type) {
  case LC_CMD:
    hear_command(card, frame);
    break;
  case LC_ACK:
    lc_link_acknowledged(&card->link, frame->sequence & 0x0F, card->now_us);
    break;
  case LC_NAK:
    if (frame->size > 0 && frame->payload[0] == LC_MISSED)
      lc_link_missed(&card->link, frame->sequence & 0x0F, card->now_us);
    break;
  case LC_AUDIO_DOWN:
    hear_audio(card, frame);
    break;
  case LC_PING:
    answer_ping(card, frame->sequence);
    break;
  case LC_RESET:
    make_safe(card);
    break;
  default: {
    uint8_t reason = LC_UNSUPPORTED;
    send_frame(card, LC_NAK, frame->sequence, frame->port, &reason, 1);
  }
  }
}

static void hear(struct lc_card *card, const struct lc_frame *frame) {
  card->heard_us = card->now_us;
  card->is_on_trial = false;
  if (frame->type == LC_HELLO) {
    hear_hello(card, frame);
  } else if (card->has_session) {
    hear_session(card, frame);
  } else if (frame->type != LC_RESET) {
    uint8_t reason = LC_NO_SESSION;
    send_frame(card, LC_RESET, 0, 0, &reason, 1);
  }
}

void lc_card_receive(struct lc_card *card, const uint8_t *octets, size_t size, uint32_t now_us) {
  struct lc_frame frame;
  card->now_us = now_us;
  for (size_t at = 0; at < size; at++)
    if (lc_reader_feed(&card->reader, octets[at], &frame))
      hear(card, &frame);
}

void lc_card_tick(struct lc_card *card, uint32_t now_us) {
  card->now_us = now_us;
  uint32_t passed_ms = (now_us - card->uptime_us) / 1000u; /* the clock wraps, this does not */
  card->uptime_ms += passed_ms;
  card->uptime_us += passed_ms * 1000u;
  for (uint8_t port = 0; port < card->board->ports; port++)
    lc_line_tick(&card->lines[port], now_us);
  if (card->has_session && now_us - card->heard_us >= LC_SILENCE_US)
    drop_session(card, LC_WAS_SILENT);
  if (card->has_session && !lc_link_run(&card->link, now_us, send_frame, card))
    drop_session(card, LC_GAVE_UP);
  if (!card->has_session && card->baud != LC_FIRST_BAUD && now_us - card->heard_us >= LC_SILENCE_US)
    set_baud(card, LC_FIRST_BAUD);
  if (card->is_on_trial && now_us - card->trial_us >= LC_SILENCE_US) {
    card->is_on_trial = false;
    make_safe(card);
    set_baud(card, LC_FIRST_BAUD);
  }
}

/* ---- audio */

static void play(struct lc_card *card, uint8_t port) {
  struct lc_audio *audio = &card->audio[port];
  uint8_t silence[LC_BLOCK];
  const uint8_t *block = silence;
  memset(silence, audio->silence, sizeof silence);
  if (audio->count > 0) {
    block = audio->blocks[audio->first];
    audio->first = (uint8_t)((audio->first + 1) % LC_DOWN_BLOCKS);
    audio->count--;
    audio->is_started = true;
  } else if (audio->is_started) {
    card->underruns++;
  }
  card->board->play(card->board->context, port, block);
}

static void record(struct lc_card *card, uint8_t port, uint8_t *block) {
  struct lc_audio *audio = &card->audio[port];
  if (!audio->is_looped)
    card->board->record(card->board->context, port, block);
  else if (audio->count > 0)
    memcpy(block, audio->blocks[audio->first], LC_BLOCK);
  else
    memset(block, audio->silence, LC_BLOCK);
}

void lc_card_audio(struct lc_card *card, uint32_t now_us) {
  uint8_t payload[6 + LC_FRAME_PORTS * LC_BLOCK];
  uint8_t mask = 0, depth = 0;
  size_t at = 6;
  card->now_us = now_us;
  for (uint8_t port = 0; port < card->board->ports; port++) {
    struct lc_audio *audio = &card->audio[port];
    if (!card->has_session || !audio->is_on)
      continue;
    record(card, port, payload + at);
    depth = audio->count > depth ? audio->count : depth;
    play(card, port);
    mask = (uint8_t)(mask | 1 << port);
    at += LC_BLOCK;
    bool is_last = true;
    for (uint8_t other = (uint8_t)(port + 1); other < card->board->ports; other++)
      is_last = is_last && !card->audio[other].is_on;
    if (is_last || at + LC_BLOCK > sizeof payload) {
      lc_put32(payload, card->samples);
      payload[4] = depth;
      payload[5] = mask;
      send_frame(card, LC_AUDIO_UP, card->up_sequence++, 0, payload, at);
      mask = depth = 0;
      at = 6;
    }
  }
  card->samples += LC_BLOCK;
}
