/* What a board gives the portable core: everything that touches a pin, and the way out of the UART.
   Ports are numbered from 0. Calls return at once. */
#ifndef LC_BOARD_H
#define LC_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LC_PORTS = 8, LC_BLOCK = 80 /* octets: 10 ms of G.711 at 8 kHz */ };

enum lc_kind { LC_FXS = 1, LC_FXO = 2 };

struct lc_board {
  void *context;
  uint8_t ports;
  uint8_t kinds[LC_PORTS]; /* enum lc_kind */
  const char *firmware, *serial_number;
  uint32_t best_baud; /* 0: the rate means nothing here (USB) */

  void (*send)(void *context, const uint8_t *octets, size_t size);
  void (*set_baud)(void *context, uint32_t baud); /* after what was sent has left */
  void (*set_ring)(void *context, uint8_t port, uint8_t hertz); /* FXS: ringing voltage, 0 = off */
  void (*set_reversed)(void *context, uint8_t port, bool is_reversed); /* FXS */
  void (*set_feed)(void *context, uint8_t port, bool is_on);    /* FXS: loop voltage */
  void (*set_hook)(void *context, uint8_t port, bool is_off);   /* FXO: loop closed */
  void (*set_gain)(void *context, uint8_t port, int8_t receive_half_db, int8_t transmit_half_db);
  /* Line voltage and current; false where the board has no meter. */
  bool (*measure)(void *context, uint8_t port, int32_t *millivolts, int16_t *milliamperes);
  void (*record)(void *context, uint8_t port, uint8_t *block);     /* 10 ms from the line */
  void (*play)(void *context, uint8_t port, const uint8_t *block); /* 10 ms to the line */
};

#endif
