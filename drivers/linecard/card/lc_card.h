/* The card: sessions with a host, commands, audio, and what happens when the host falls silent.
   Portable core: no heap, no clock, no board code. A board calls lc_card_receive with what its UART
   gives, lc_card_tick every millisecond or so, lc_card_audio every 10 ms of its codec's clock, and
   the three lc_line_… functions with what it sees on its lines. docs/linecard-protocol.md */
#ifndef LC_CARD_H
#define LC_CARD_H

#include "lc_frame.h"
#include "lc_line.h"
#include "lc_link.h"

enum {
  LC_PROTOCOL = 1,
  LC_FIRST_BAUD = 115200,
  LC_SILENCE_US = 500000,
  LC_DOWN_BLOCKS = 3,
  LC_FRAME_PORTS = 4 /* of audio in one frame */
};

enum lc_command {
  LC_SET_COUNTRY = 0x01,
  LC_RING = 0x02,
  LC_RING_STOP = 0x03,
  LC_SEIZE = 0x04,
  LC_RELEASE = 0x05,
  LC_HOOK_FLASH = 0x06,
  LC_SET_POLARITY = 0x07,
  LC_DIAL = 0x08,
  LC_GAIN = 0x09,
  LC_AUDIO = 0x0A,
  LC_LOOPBACK = 0x0B,
  LC_READ_LINE = 0x0C,
  LC_OPEN_LOOP = 0x0D,
  LC_FW_UPDATE = 0x0E
};

enum lc_status {
  LC_DONE = 0,
  LC_UNKNOWN_COMMAND = 1,
  LC_BAD_ARGUMENT = 2,
  LC_WRONG_PORT = 3,
  LC_NOT_NOW = 4,
  LC_HARDWARE = 5
};

enum lc_capability { LC_CAN_POLARITY = 1, LC_CAN_PULSE = 2, LC_CAN_FLASH = 4, LC_CAN_LOOP = 8 };
enum lc_format { LC_ALAW = 1, LC_ULAW = 2 };
enum lc_reset { LC_WAS_SILENT = 1, LC_GAVE_UP = 2, LC_NO_SESSION = 3, LC_OVERFLOW = 4 };
enum lc_nak { LC_UNSUPPORTED = 1, LC_MISSED = 2 };

struct lc_audio {
  bool is_on, is_looped;
  uint8_t silence; /* of its law */
  uint8_t blocks[LC_DOWN_BLOCKS][LC_BLOCK];
  uint8_t first, count;
  bool is_started; /* a block was played: from now on an empty queue is an underrun */
};

struct lc_card {
  const struct lc_board *board;
  struct lc_reader reader;
  struct lc_link link;
  struct lc_line lines[LC_PORTS];
  struct lc_audio audio[LC_PORTS];
  bool has_session;
  uint32_t session, baud;
  uint32_t now_us, heard_us, uptime_us, trial_us; /* uptime_us: up to where uptime_ms counts */
  uint32_t uptime_ms;
  bool is_on_trial; /* a new rate that no good frame has come by yet */
  uint8_t up_sequence;
  uint32_t samples;
  uint16_t underruns, overruns;
};

void lc_card_init(struct lc_card *card, const struct lc_board *board, uint32_t now_us);
void lc_card_receive(struct lc_card *card, const uint8_t *octets, size_t size, uint32_t now_us);
void lc_card_tick(struct lc_card *card, uint32_t now_us);
void lc_card_audio(struct lc_card *card, uint32_t now_us);

/* lc_commands.c: carry out a CMD; fills answer (at most 8 octets) and its size. */
enum lc_status lc_obey(struct lc_card *card, uint8_t port, const uint8_t *payload, size_t size,
                       uint8_t *answer, size_t *answer_size);

#endif
