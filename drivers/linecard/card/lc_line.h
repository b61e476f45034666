/* One line of the card: its hard timing. FXS: debounce, ring cadence and trip, flash, rotary pulses,
   open loop. FXO: hook flash, pulse dialling, ring and loop supervision. Pure but for the board's
   pins; time is an argument and wraps (32 bits of microseconds). */
#ifndef LC_LINE_H
#define LC_LINE_H

#include "lc_board.h"

enum lc_event {
  LC_OFF_HOOK = 0x01,
  LC_ON_HOOK = 0x02,
  LC_FLASH = 0x03,
  LC_PULSE_DIGIT = 0x04,
  LC_RING_ON = 0x05,
  LC_RING_OFF = 0x06,
  LC_POLARITY = 0x07,
  LC_LOOP_BREAK = 0x08,
  LC_LINE_LOST = 0x09,
  LC_LINE_BACK = 0x0A,
  LC_RING_TRIP = 0x0B,
  LC_THERMAL = 0x0C,
  LC_AUDIO_FAULT = 0x0D
};

enum { LC_CADENCE = 8, LC_DIGITS = 32, LC_LONGEST_RING_MS = 3000 };

struct lc_times { /* a country's, in ms */
  uint16_t flash_least, flash_longest, pulse_longest, debounce;
  uint8_t ring_hertz;
};

typedef void lc_tell(void *context, uint8_t port, uint8_t event, uint32_t at_us,
                     const uint8_t *details, size_t size);

struct lc_line {
  const struct lc_board *board;
  uint8_t port, kind;
  struct lc_times times;
  lc_tell *tell;
  void *context;
  /* FXS: the phone's hook */
  bool is_off, is_raw_off, is_settling, is_broken;
  bool is_seen_off, is_blind; /* what the board saw last; blind: the loop wakes, nobody looks */
  uint32_t changed_us, broken_us, made_us;
  uint8_t pulses;
  uint32_t break_us_sum, make_us_sum;
  /* FXS: ringing, an open loop */
  uint16_t cadence_ms[LC_CADENCE];
  uint8_t cadence_size, cadence_at;
  bool is_ringing, is_burst;
  uint32_t step_us, burst_us;
  bool is_loop_open;
  uint32_t loop_until_us;
  /* FXO */
  bool is_seized, is_rung, has_loop, is_lost;
  uint32_t ring_us, loop_gone_us;
  uint8_t digits[LC_DIGITS], digit_count, digit_at, pulses_left;
  bool is_dialling, is_flashing, is_open;
  uint32_t dial_us;
};

void lc_line_init(struct lc_line *line, const struct lc_board *board, uint8_t port);
/* On-hook, no ringing, loop fed: what the line is when nobody is in charge. */
void lc_line_make_safe(struct lc_line *line);
void lc_line_tick(struct lc_line *line, uint32_t now_us);

/* What the board sees. FXS: the phone draws current. FXO: the exchange rings; feeds the loop. */
void lc_line_hook(struct lc_line *line, bool is_off, uint32_t now_us);
void lc_line_rung(struct lc_line *line, bool is_on, uint8_t hertz, uint32_t now_us);
void lc_line_loop(struct lc_line *line, bool has_loop, uint32_t now_us);

/* Commands; false = not now, or not with such numbers. */
bool lc_line_ring(struct lc_line *line, const uint16_t *cadence_ms, uint8_t size, uint32_t now_us);
void lc_line_stop_ring(struct lc_line *line, uint32_t now_us);
bool lc_line_open_loop(struct lc_line *line, uint16_t ms, uint32_t now_us);
bool lc_line_seize(struct lc_line *line);
void lc_line_release(struct lc_line *line);
bool lc_line_flash(struct lc_line *line, uint16_t ms, uint32_t now_us);
bool lc_line_dial_pulses(struct lc_line *line, const uint8_t *digits, size_t size, uint32_t now_us);

#endif
