/* Both far ends of many calls: sends G.711-sized RTP every 20 ms each way, and counts what comes.

   usage: rtp_generator PORT SECONDS     stdin: a line "OWN_HOST RELAY_HOST RELAY_PORT" for each party,
   the two of a call one after the other. One socket plays all of them: a party is an address
   of 127.0.0.0/8 (IP_PKTINFO), so that the generator stays cheaper than any relay it measures.
   A packet's delay is the kernel's time of arrival less our time of sending: our own waking up is
   no part of it. Prints: sent received carried misled p50_us p99_us latest_us, where carried counts
   the warm-up too, and latest_us says how late the worst tick was. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

enum {
  PACKET = 172,
  BATCH = 32,
  TICK_NS = 500 * 1000,
  TICKS = 40, /* in a frame of 20 ms */
  WARM_UP_FRAMES = 25,
  LONGEST_US = 500 * 1000,
  BUFFER = 64 << 20,
};

struct party {
  struct sockaddr_in relay;
  struct in_addr own;
  uint32_t timestamp;
  uint16_t sequence;
};

struct mark { /* what a packet carries behind its header */
  int64_t sent_ns;
  uint32_t from, counts;
};

struct lot { /* packets that one system call takes */
  uint8_t data[BATCH][2048];
  uint8_t control[BATCH][256];
  struct iovec parts[BATCH];
  struct mmsghdr messages[BATCH];
};

static struct lot outgoing, incoming;
static struct party *parties;
static uint32_t party_count;
static uint64_t sent, received, carried, misled;
static uint32_t delays_us[LONGEST_US];

static int64_t read_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static void read_parties(void) {
  char own[64], relay[64];
  int port;
  uint32_t room = 0;
  while (scanf("%63s %63s %d", own, relay, &port) == 3) {
    if (party_count == room) parties = realloc(parties, (room = room * 2 + 64) * sizeof *parties);
    struct party *party = &parties[party_count++];
    memset(party, 0, sizeof *party);
    party->relay.sin_family = AF_INET;
    party->relay.sin_port = htons((uint16_t)port);
    if (!inet_aton(own, &party->own) || !inet_aton(relay, &party->relay.sin_addr)) exit(2);
  }
  if (party_count == 0 || party_count % 2) exit(2);
}

static int open_socket(int port) {
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), one = 1, room = BUFFER;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
  setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0) exit(1);
  return fd;
}

static void fill(int at, uint32_t from, uint32_t counts) {
  struct party *party = &parties[from];
  uint8_t *packet = outgoing.data[at];
  uint16_t sequence = htons(party->sequence++);
  uint32_t words[2] = {htonl(party->timestamp), htonl(0x40000000u + from)};
  struct mark mark = {read_clock(CLOCK_REALTIME), from, counts};
  struct in_pktinfo source = {.ipi_spec_dst = party->own};
  struct msghdr *message = &outgoing.messages[at].msg_hdr;
  party->timestamp += 160;
  packet[0] = 0x80;
  packet[1] = 0; /* PCMU */
  memcpy(packet + 2, &sequence, sizeof sequence);
  memcpy(packet + 4, words, sizeof words);
  memcpy(packet + 12, &mark, sizeof mark);
  outgoing.parts[at] = (struct iovec){packet, PACKET};
  *message = (struct msghdr){.msg_name = &party->relay, .msg_namelen = sizeof party->relay,
                             .msg_iov = &outgoing.parts[at], .msg_iovlen = 1,
                             .msg_control = outgoing.control[at],
                             .msg_controllen = CMSG_SPACE(sizeof source)};
  struct cmsghdr *control = CMSG_FIRSTHDR(message);
  control->cmsg_level = IPPROTO_IP;
  control->cmsg_type = IP_PKTINFO;
  control->cmsg_len = CMSG_LEN(sizeof source);
  memcpy(CMSG_DATA(control), &source, sizeof source);
}

static void flush(int fd, int count, uint32_t counts) {
  for (int done = 0; done < count;) {
    int taken = sendmmsg(fd, outgoing.messages + done, (unsigned)(count - done), 0);
    done += taken > 0 ? taken : 1; /* one that cannot be sent is lost */
  }
  if (counts) sent += (uint64_t)count;
}

static void send_slice(int fd, uint32_t first, uint32_t end, uint32_t counts) {
  int filled = 0;
  for (uint32_t from = first; from < end; from++) {
    fill(filled++, from, counts);
    if (filled == BATCH) {
      flush(fd, filled, counts);
      filled = 0;
    }
  }
  if (filled) flush(fd, filled, counts);
}

/* When, and to which address, the kernel took the packet in. */
static void read_arrival(struct msghdr *message, int64_t *when_ns, struct in_addr *to) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
    struct timespec stamp;
    struct in_pktinfo place;
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
      *when_ns = stamp.tv_sec * 1000000000ll + stamp.tv_nsec;
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      memcpy(&place, CMSG_DATA(c), sizeof place);
      *to = place.ipi_addr;
    }
  }
}

static void count(int at, unsigned size) {
  struct mark mark;
  int64_t when_ns = 0;
  struct in_addr to = {0};
  if (size != PACKET) return;
  memcpy(&mark, incoming.data[at] + 12, sizeof mark);
  if (mark.from >= party_count) return;
  carried++;
  if (!mark.counts) return;
  read_arrival(&incoming.messages[at].msg_hdr, &when_ns, &to);
  if (to.s_addr != parties[mark.from ^ 1].own.s_addr) {
    misled++;
    return;
  }
  received++;
  int64_t delay_us = (when_ns - mark.sent_ns) / 1000;
  if (delay_us < 0) delay_us = 0;
  delays_us[delay_us < LONGEST_US ? delay_us : LONGEST_US - 1]++;
}

static void drain(int fd) {
  for (int taken = BATCH; taken == BATCH;) {
    for (int i = 0; i < BATCH; i++) {
      incoming.parts[i] = (struct iovec){incoming.data[i], sizeof incoming.data[i]};
      incoming.messages[i].msg_hdr =
          (struct msghdr){.msg_iov = &incoming.parts[i], .msg_iovlen = 1,
                          .msg_control = incoming.control[i],
                          .msg_controllen = sizeof incoming.control[i]};
    }
    taken = recvmmsg(fd, incoming.messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < taken; i++) count(i, incoming.messages[i].msg_len);
  }
}

static void wait_until(int64_t due_ns) {
  struct timespec due = {due_ns / 1000000000, due_ns % 1000000000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

/* The worst lateness of a tick, in ns. */
static int64_t run(int fd, double seconds) {
  int64_t begin = read_clock(CLOCK_MONOTONIC) + 1000000, latest = 0;
  int64_t ticks = (WARM_UP_FRAMES + (int64_t)(seconds * 50)) * TICKS;
  for (int64_t tick = 0; tick < ticks; tick++) {
    uint32_t slot = (uint32_t)(tick % TICKS), counts = tick >= WARM_UP_FRAMES * TICKS;
    wait_until(begin + tick * TICK_NS);
    int64_t late = read_clock(CLOCK_MONOTONIC) - begin - tick * TICK_NS;
    if (counts && late > latest) latest = late;
    send_slice(fd, party_count * slot / TICKS, party_count * (slot + 1) / TICKS, counts);
    drain(fd);
  }
  for (int i = 0; i < 30; i++) {
    wait_until(read_clock(CLOCK_MONOTONIC) + 10000000);
    drain(fd);
  }
  return latest;
}

static int percentile(double part) {
  uint64_t wanted = (uint64_t)(part * (double)received), seen = 0;
  for (int us = 0; us < LONGEST_US; us++)
    if ((seen += delays_us[us]) > wanted) return us;
  return LONGEST_US;
}

int main(int argument_count, char **arguments) {
  if (argument_count != 3) return 2;
  prctl(PR_SET_TIMERSLACK, 1ul);
  read_parties();
  int64_t latest = run(open_socket(atoi(arguments[1])), atof(arguments[2]));
  printf("%llu %llu %llu %llu %d %d %lld\n", (unsigned long long)sent,
         (unsigned long long)received, (unsigned long long)carried, (unsigned long long)misled,
         percentile(0.5), percentile(0.99), (long long)(latest / 1000));
}
