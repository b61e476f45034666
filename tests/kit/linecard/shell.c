/* A line card without a board: the portable core of drivers/linecard/card as a process on a pty.

   shell LINK KINDS [ber] [seed] [strict] [ppm] [serial]
   LINK: symbolic link to make to the pty; KINDS: "sso" = two FXS, one FXO; ber: bit error rate, both
   ways; strict = 1: octets at another baud rate than the card's are noise; ppm: its clock's error; serial: its number.

   stdin:   hook P L MS   the phone on P is off (1) or on (0) its hook, MS from now
            hooks P MS …  the loop of P opens, closes … at these moments from now, all of one clock reading
            rung P L HZ   the exchange rings P, or stops      loop P L   feeds P, or not
            echo P L      what P hears it says again          tone P V   P says octet V all the time
            wire P PATH   what P hears goes into the FIFO PATH.hears, what it says comes from PATH.says
            mark P        P says a mark once; when it hears one, that is told
            deaf P L      P gives no audio (1) whatever it is told, or does (0); forgets that it had begun
   stdout:  ring|hook|reversed|feed P L US · baud N · marked P US · ready PATH */
#include "lc_card.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { CHANGES = 512, MARK = 0x2A, PERIOD_US = 10000, HELD_UP_US = 50000 };

struct change {
  uint64_t at_us;
  uint8_t port, level;
};

static struct {
  int pty;
  double ber;
  uint64_t random, bits_to_error;
  bool is_strict;
  uint32_t baud;
  struct change changes[CHANGES];
  int change_count;
  bool echoes[LC_PORTS], is_marking[LC_PORTS], is_deaf[LC_PORTS];
  uint64_t marked_us[LC_PORTS];
  uint8_t says[LC_PORTS], heard[LC_PORTS][LC_BLOCK];
  int wire_in[LC_PORTS], wire_out[LC_PORTS]; /* FIFOs, 0 = none */
} shell;

static uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static double uniform(void) {
  shell.random ^= shell.random << 13;
  shell.random ^= shell.random >> 7;
  shell.random ^= shell.random << 17;
  return ((double)(shell.random >> 11) + 0.5) / 9007199254740992.0;
}

static uint64_t next_error(void) {
  return shell.ber > 0 ? (uint64_t)(log(uniform()) / log1p(-shell.ber)) : UINT64_MAX;
}

static void spoil(uint8_t *octets, size_t size) {
  uint64_t bits = (uint64_t)size * 8, at = shell.bits_to_error;
  while (at < bits) {
    octets[at / 8] ^= (uint8_t)(1u << at % 8);
    uint64_t step = next_error();
    at = step == UINT64_MAX ? UINT64_MAX : at + 1 + step;
  }
  shell.bits_to_error = at == UINT64_MAX ? at : at - bits;
}

static bool is_other_rate(void) {
  static const struct {
    speed_t speed;
    uint32_t baud;
  } rates[] = {{B115200, 115200}, {B230400, 230400}, {B460800, 460800}, {B921600, 921600}};
  struct termios now;
  if (!shell.is_strict || tcgetattr(shell.pty, &now) < 0)
    return false;
  for (size_t at = 0; at < sizeof rates / sizeof *rates; at++)
    if (rates[at].speed == cfgetospeed(&now))
      return rates[at].baud != shell.baud;
  return true;
}

static void board_send(void *context, const uint8_t *octets, size_t size) {
  (void)context;
  uint8_t wire[LC_WIRE_MAX];
  memcpy(wire, octets, size);
  spoil(wire, size);
  if (!is_other_rate() && write(shell.pty, wire, size) < 0 && errno != EAGAIN)
    perror("pty");
}

static void tell(const char *what, uint8_t port, int level) {
  printf("%s %u %d %llu\n", what, port, level, (unsigned long long)now_us());
}

static void board_baud(void *context, uint32_t baud) {
  (void)context;
  shell.baud = baud;
  printf("baud %u\n", baud);
}
static void board_ring(void *context, uint8_t port, uint8_t hertz) {
  (void)context;
  tell("ring", port, hertz);
}
static void board_reversed(void *context, uint8_t port, bool is_reversed) {
  (void)context;
  tell("reversed", port, is_reversed);
}
static void board_feed(void *context, uint8_t port, bool is_on) {
  (void)context;
  tell("feed", port, is_on);
}
static void board_hook(void *context, uint8_t port, bool is_off) {
  (void)context;
  tell("hook", port, is_off);
}
static void board_gain(void *context, uint8_t port, int8_t receive, int8_t transmit) {
  (void)context;
  printf("gain %u %d %d\n", port, receive, transmit);
}
static bool board_measure(void *context, uint8_t port, int32_t *millivolts, int16_t *milliamperes) {
  (void)context;
  *millivolts = 48000 + port;
  *milliamperes = 24;
  return true;
}

static void board_record(void *context, uint8_t port, uint8_t *block) {
  (void)context;
  if (shell.is_marking[port]) {
    memset(block, MARK, LC_BLOCK);
    shell.is_marking[port] = false;
    shell.marked_us[port] = now_us();
  } else if (shell.wire_in[port]) {
    if (read(shell.wire_in[port], block, LC_BLOCK) != LC_BLOCK)
      memset(block, shell.says[port], LC_BLOCK);
  } else if (shell.echoes[port]) {
    memcpy(block, shell.heard[port], LC_BLOCK);
  } else {
    memset(block, shell.says[port], LC_BLOCK);
  }
}

static void board_play(void *context, uint8_t port, const uint8_t *block) {
  (void)context;
  memcpy(shell.heard[port], block, LC_BLOCK);
  if (shell.wire_out[port] && write(shell.wire_out[port], block, LC_BLOCK) < 0 && errno != EAGAIN)
    perror("wire");
  if (shell.marked_us[port] && memchr(block, MARK, LC_BLOCK)) {
    printf("marked %u %llu\n", port, (unsigned long long)(now_us() - shell.marked_us[port]));
    shell.marked_us[port] = 0;
  }
}

static void change_at(uint64_t at_us, unsigned port, unsigned level) {
  if (port < LC_PORTS && shell.change_count < CHANGES)
    shell.changes[shell.change_count++] = (struct change){at_us, (uint8_t)port, (uint8_t)level};
}

static void change_hooks(unsigned port, const char *line) {
  uint64_t now = now_us();
  unsigned level = 0, ms;
  int read = 0;
  if (sscanf(line, "%*s %*u%n", &read) < 0)
    return;
  for (line += read; sscanf(line, "%u%n", &ms, &read) == 1; line += read, level = !level)
    change_at(now + (uint64_t)ms * 1000u, port, level);
}

/* A board's own clock goes on while this process waits for the machine: between two changes that
   were due meanwhile the card has had its turn. */
static void make_changes(struct lc_card *card, uint64_t now) {
  int kept = 0;
  for (int at = 0; at < shell.change_count; at++) {
    struct change change = shell.changes[at];
    if (change.at_us <= now) {
      lc_card_tick(card, (uint32_t)change.at_us);
      lc_line_hook(&card->lines[change.port], change.level, (uint32_t)change.at_us);
    } else {
      shell.changes[kept++] = change;
    }
  }
  shell.change_count = kept;
}

static void wire(unsigned port, const char *line) {
  char path[200] = "", name[220];
  if (sscanf(line, "%*s %*u %199s", path) != 1)
    return;
  snprintf(name, sizeof name, "%s.says", path);
  shell.wire_in[port] = open(name, O_RDWR | O_NONBLOCK);
  snprintf(name, sizeof name, "%s.hears", path);
  shell.wire_out[port] = open(name, O_RDWR | O_NONBLOCK);
}

static void obey(struct lc_card *card, const char *line) {
  char word[16] = "";
  unsigned port = 0, level = 0, more = 0;
  sscanf(line, "%15s %u %u %u", word, &port, &level, &more);
  if (port >= card->board->ports)
    return;
  if (strcmp(word, "hook") == 0)
    change_at(now_us() + (uint64_t)more * 1000u, port, level);
  else if (strcmp(word, "hooks") == 0)
    change_hooks(port, line);
  else if (strcmp(word, "rung") == 0)
    lc_line_rung(&card->lines[port], level, (uint8_t)more, (uint32_t)now_us());
  else if (strcmp(word, "loop") == 0)
    lc_line_loop(&card->lines[port], level, (uint32_t)now_us());
  else if (strcmp(word, "wire") == 0)
    wire(port, line);
  else if (strcmp(word, "echo") == 0)
    shell.echoes[port] = level;
  else if (strcmp(word, "tone") == 0)
    shell.says[port] = (uint8_t)level;
  else if (strcmp(word, "deaf") == 0) {
    shell.is_deaf[port] = level;
    card->audio[port].is_on = false;
  } else if (strcmp(word, "mark") == 0)
    shell.is_marking[port] = true;
}

static void read_orders(struct lc_card *card) {
  static char line[256];
  static size_t size;
  char octet;
  ssize_t got;
  while ((got = read(0, &octet, 1)) == 1) {
    if (octet == '\n') {
      line[size] = 0;
      obey(card, line);
      size = 0;
    } else if (size < sizeof line - 1) {
      line[size++] = octet;
    }
  }
  if (got == 0)
    exit(0);
}

static void read_host(struct lc_card *card) {
  uint8_t octets[4096];
  ssize_t got = read(shell.pty, octets, sizeof octets);
  if (got <= 0 || is_other_rate())
    return;
  spoil(octets, (size_t)got);
  lc_card_receive(card, octets, (size_t)got, (uint32_t)now_us());
}

static int open_pty(const char *link_path) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
    return -1;
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY); /* held: a host that goes is no hang-up */
  struct termios raw;
  tcgetattr(slave, &raw);
  cfmakeraw(&raw);
  cfsetspeed(&raw, B115200);
  tcsetattr(slave, TCSANOW, &raw);
  unlink(link_path);
  return symlink(ptsname(master), link_path) < 0 ? -1 : master;
}

int main(int argc, char **argv) {
  static struct lc_board board = {
      .firmware = "reference 1", .serial_number = "LC000001", .best_baud = 921600,
      .send = board_send, .set_baud = board_baud, .set_ring = board_ring,
      .set_reversed = board_reversed, .set_feed = board_feed, .set_hook = board_hook,
      .set_gain = board_gain, .measure = board_measure, .record = board_record,
      .play = board_play};
  static struct lc_card card;
  if (argc < 3 || (shell.pty = open_pty(argv[1])) < 0)
    return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  for (const char *kind = argv[2]; *kind && board.ports < LC_PORTS; kind++)
    board.kinds[board.ports++] = *kind == 's' ? LC_FXS : LC_FXO;
  shell.ber = argc > 3 ? atof(argv[3]) : 0;
  shell.random = argc > 4 ? strtoull(argv[4], NULL, 10) | 1 : 1;
  shell.is_strict = argc > 5 && atoi(argv[5]);
  double period_us = PERIOD_US * (1 + (argc > 6 ? atof(argv[6]) : 0) / 1e6);
  if (argc > 7)
    board.serial_number = argv[7];
  shell.baud = LC_FIRST_BAUD;
  shell.bits_to_error = next_error();
  memset(shell.says, 0xD5, sizeof shell.says);
  lc_card_init(&card, &board, (uint32_t)now_us());
  printf("ready %s\n", argv[1]);
  double due_us = (double)now_us();
  uint64_t awake_us = now_us();
  for (;;) {
    struct pollfd ends[] = {{shell.pty, POLLIN, 0}, {0, POLLIN, 0}};
    double left_us = due_us - (double)now_us();
    poll(ends, 2, left_us > 2000 ? 2 : left_us > 0 ? (int)(left_us / 1000) : 0);
    if (ends[0].revents)
      read_host(&card);
    if (ends[1].revents)
      read_orders(&card);
    uint64_t now = now_us();
    if (now - awake_us > HELD_UP_US) { /* a card is never held up: what came meanwhile comes first */
      awake_us = now;
      continue;
    }
    awake_us = now;
    make_changes(&card, now);
    lc_card_tick(&card, (uint32_t)now);
    if ((double)now >= due_us) {
      for (uint8_t port = 0; port < board.ports; port++)
        card.audio[port].is_on &= !shell.is_deaf[port];
      lc_card_audio(&card, (uint32_t)now);
      due_us += period_us;
    }
  }
}
