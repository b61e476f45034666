/* Commands of the host, one function a command. See lc_card.h. */
#include "lc_card.h"

#include <string.h>

enum { LC_TONE = 0, LC_PULSE = 1 };

struct arguments {
  struct lc_card *card;
  struct lc_line *line;
  struct lc_audio *audio;
  const uint8_t *octets; /* behind the command's code */
  size_t size;
  uint8_t *answer;
  size_t *answer_size;
};

static enum lc_status when(bool is_done) { return is_done ? LC_DONE : LC_NOT_NOW; }

static enum lc_status set_country(const struct arguments *given) {
  struct lc_times times = {lc_get16(given->octets), lc_get16(given->octets + 2),
                           lc_get16(given->octets + 4), lc_get16(given->octets + 6),
                           given->octets[8]};
  if (times.flash_least >= times.flash_longest || times.pulse_longest >= times.flash_longest ||
      times.debounce > 100 || times.ring_hertz < 15 || times.ring_hertz > 68)
    return LC_BAD_ARGUMENT;
  given->line->times = times;
  return LC_DONE;
}

/* count, then so many times of 16 bits: on, off, on, off … */
static enum lc_status ring(const struct arguments *given) {
  uint16_t cadence[LC_CADENCE];
  uint8_t count = given->octets[0];
  if (count > LC_CADENCE || count % 2 || count == 0 || given->size < 1u + 2u * count)
    return LC_BAD_ARGUMENT;
  for (uint8_t at = 0; at < count; at++)
    cadence[at] = lc_get16(given->octets + 1 + 2 * at);
  return when(lc_line_ring(given->line, cadence, count, given->card->now_us));
}

static enum lc_status stop_ring(const struct arguments *given) {
  lc_line_stop_ring(given->line, given->card->now_us);
  return LC_DONE;
}

static enum lc_status seize(const struct arguments *given) {
  return when(lc_line_seize(given->line));
}

static enum lc_status release(const struct arguments *given) {
  lc_line_release(given->line);
  return LC_DONE;
}

static enum lc_status flash(const struct arguments *given) {
  return when(lc_line_flash(given->line, lc_get16(given->octets), given->card->now_us));
}

static enum lc_status polarity(const struct arguments *given) {
  const struct lc_board *board = given->card->board;
  board->set_reversed(board->context, given->line->port, given->octets[0] != 0);
  return LC_DONE;
}

static enum lc_status dial(const struct arguments *given) {
  if (given->octets[0] != LC_PULSE) /* tones are the host's, in band */
    return LC_BAD_ARGUMENT;
  return when(lc_line_dial_pulses(given->line, given->octets + 1, given->size - 1,
                                  given->card->now_us));
}

static enum lc_status gain(const struct arguments *given) {
  const struct lc_board *board = given->card->board;
  board->set_gain(board->context, given->line->port, (int8_t)given->octets[0],
                  (int8_t)given->octets[1]);
  return LC_DONE;
}

/* on, format, ms of a block */
static enum lc_status audio(const struct arguments *given) {
  uint8_t format = given->octets[1];
  if ((format != LC_ALAW && format != LC_ULAW) || given->octets[2] != 10)
    return LC_BAD_ARGUMENT;
  memset(given->audio, 0, sizeof *given->audio);
  given->audio->is_on = given->octets[0] != 0;
  given->audio->silence = format == LC_ALAW ? 0xD5 : 0xFF;
  return LC_DONE;
}

static enum lc_status loopback(const struct arguments *given) {
  given->audio->is_looped = given->octets[0] != 0;
  return LC_DONE;
}

static enum lc_status read_line(const struct arguments *given) {
  const struct lc_board *board = given->card->board;
  int32_t millivolts = 0;
  int16_t milliamperes = 0;
  if (!board->measure(board->context, given->line->port, &millivolts, &milliamperes))
    return LC_HARDWARE;
  lc_put32(given->answer, (uint32_t)millivolts);
  lc_put16(given->answer + 4, (uint16_t)milliamperes);
  *given->answer_size = 6;
  return LC_DONE;
}

static enum lc_status open_loop(const struct arguments *given) {
  return when(lc_line_open_loop(given->line, lc_get16(given->octets), given->card->now_us));
}

static const struct {
  uint8_t code, least; /* octets of arguments */
  uint8_t kinds;       /* 1 << enum lc_kind */
  enum lc_status (*obey)(const struct arguments *given);
} COMMANDS[] = {
    {LC_SET_COUNTRY, 9, 1 << LC_FXS | 1 << LC_FXO, set_country},
    {LC_RING, 1, 1 << LC_FXS, ring},
    {LC_RING_STOP, 0, 1 << LC_FXS, stop_ring},
    {LC_SEIZE, 0, 1 << LC_FXO, seize},
    {LC_RELEASE, 0, 1 << LC_FXO, release},
    {LC_HOOK_FLASH, 2, 1 << LC_FXO, flash},
    {LC_SET_POLARITY, 1, 1 << LC_FXS, polarity},
    {LC_DIAL, 2, 1 << LC_FXO, dial},
    {LC_GAIN, 2, 1 << LC_FXS | 1 << LC_FXO, gain},
    {LC_AUDIO, 3, 1 << LC_FXS | 1 << LC_FXO, audio},
    {LC_LOOPBACK, 1, 1 << LC_FXS | 1 << LC_FXO, loopback},
    {LC_READ_LINE, 0, 1 << LC_FXS | 1 << LC_FXO, read_line},
    {LC_OPEN_LOOP, 2, 1 << LC_FXS, open_loop},
};

enum lc_status lc_obey(struct lc_card *card, uint8_t port, const uint8_t *payload, size_t size,
                       uint8_t *answer, size_t *answer_size) {
  *answer_size = 0;
  if (size == 0)
    return LC_UNKNOWN_COMMAND;
  for (size_t at = 0; at < sizeof COMMANDS / sizeof *COMMANDS; at++) {
    if (COMMANDS[at].code != payload[0])
      continue;
    if (port >= card->board->ports || !(COMMANDS[at].kinds & 1 << card->lines[port].kind))
      return LC_WRONG_PORT;
    if (size - 1 < COMMANDS[at].least)
      return LC_BAD_ARGUMENT;
    struct arguments given = {card,     &card->lines[port], &card->audio[port], payload + 1,
                              size - 1, answer,             answer_size};
    return COMMANDS[at].obey(&given);
  }
  return LC_UNKNOWN_COMMAND;
}
