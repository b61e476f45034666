/* Both far ends of many calls: sends G.711-sized RTP every 20 ms each way, and counts what comes.

   usage: rtp_generator CALLS SECONDS
   Prints its ports (two for each call), reads the relay's ports in the same order, sends for so
   many seconds evenly spread, and prints: sent received p50_us p99_us (user to user). */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include <sys/epoll.h>

enum { PACKET = 172, BATCH = 256, FRAME_NS = 20 * 1000 * 1000 };

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

struct flow {
  int fd;
  uint16_t sequence;
  uint32_t timestamp;
};

struct tally {
  uint64_t sent, received, room;
  uint32_t *delays_us;
};

static int open_port(void) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0) exit(1);
  getsockname(fd, (struct sockaddr *)&address, &length);
  printf("%d ", ntohs(address.sin_port));
  return fd;
}

static void aim(int fd) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  int port;
  if (scanf("%d", &port) != 1) exit(1);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((uint16_t)port);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) exit(1);
}

static void send_one(struct flow *flow, uint32_t ssrc, struct tally *tally) {
  uint8_t packet[PACKET] = {0x80, 8};
  uint16_t sequence = htons(flow->sequence++);
  uint32_t words[2] = {htonl(flow->timestamp), htonl(ssrc)};
  int64_t when = now_ns();
  flow->timestamp += 160;
  memcpy(packet + 2, &sequence, sizeof sequence);
  memcpy(packet + 4, words, sizeof words);
  memcpy(packet + 12, &when, sizeof when);
  if (send(flow->fd, packet, sizeof packet, 0) == PACKET) tally->sent++;
}

static void receive(int epoll, const struct flow *flows, struct tally *tally, int wait_ms) {
  struct epoll_event events[BATCH];
  int count = epoll_wait(epoll, events, BATCH, wait_ms);
  for (int i = 0; i < count; i++) {
    uint8_t packet[PACKET];
    int64_t when;
    if (recv(flows[events[i].data.u32].fd, packet, sizeof packet, 0) != PACKET) continue;
    memcpy(&when, packet + 12, sizeof when);
    if (tally->received < tally->room)
      tally->delays_us[tally->received] = (uint32_t)((now_ns() - when) / 1000);
    tally->received++;
  }
}

static int by_size(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  return (a > b) - (a < b);
}

static void run(int epoll, struct flow *flows, uint32_t count, double seconds,
                struct tally *tally) {
  int64_t step_ns = FRAME_NS / count, next = now_ns(), ends = next + (int64_t)(seconds * 1e9);
  for (uint32_t at = 0; next < ends; at = (at + 1) % count, next += step_ns) {
    while (now_ns() < next) {
      receive(epoll, flows, tally, 0);
      if (next - now_ns() > 100000) nanosleep(&(struct timespec){0, 50000}, NULL);
    }
    send_one(&flows[at], at + 1, tally);
  }
  for (ends = now_ns() + 200000000; now_ns() < ends;) receive(epoll, flows, tally, 10);
}

int main(int argument_count, char **arguments) {
  if (argument_count != 3) return 2;
  uint32_t count = 2 * (uint32_t)atoi(arguments[1]);
  double seconds = atof(arguments[2]);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  prctl(PR_SET_TIMERSLACK, 1ul);
  struct flow *flows = calloc(count, sizeof *flows);
  struct tally tally = {.room = (uint64_t)(count * 50 * (seconds + 1))};
  tally.delays_us = calloc(tally.room, sizeof *tally.delays_us);
  int epoll = epoll_create1(0);
  for (uint32_t i = 0; i < count; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    flows[i].fd = open_port();
    epoll_ctl(epoll, EPOLL_CTL_ADD, flows[i].fd, &event);
  }
  puts("");
  fflush(stdout);
  for (uint32_t i = 0; i < count; i++) aim(flows[i].fd);
  run(epoll, flows, count, seconds, &tally);
  uint64_t measured = tally.received < tally.room ? tally.received : tally.room;
  qsort(tally.delays_us, measured, sizeof *tally.delays_us, by_size);
  printf("%llu %llu %u %u\n", (unsigned long long)tally.sent, (unsigned long long)tally.received,
         measured ? tally.delays_us[measured / 2] : 0,
         measured ? tally.delays_us[measured * 99 / 100] : 0);
}
