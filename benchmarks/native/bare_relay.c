/* The yardstick: an RTP relay that does nothing but relay.

   usage: bare_relay PORT HOST_A0 HOST_B0 HOST_A1 HOST_B1 …   far ends, two for each call
   Prints its own ports in the same order, then receives on one connected socket of a call and
   sends on the other until it is killed: epoll, one recv and one send for each packet. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { BATCH = 256, PACKET_ROOM = 2048 };

static int open_towards(const char *far_host, int far_port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0) exit(1);
  getsockname(fd, (struct sockaddr *)&address, &length);
  printf("%d ", ntohs(address.sin_port));
  address.sin_port = htons((uint16_t)far_port);
  if (!inet_aton(far_host, &address.sin_addr)) exit(2);
  if (connect(fd, (struct sockaddr *)&address, length) < 0) exit(1);
  return fd;
}

static void relay(int epoll, const int *sockets) {
  static char packet[PACKET_ROOM];
  struct epoll_event events[BATCH];
  for (;;) {
    int count = epoll_wait(epoll, events, BATCH, -1);
    for (int i = 0; i < count; i++) {
      uint32_t from = events[i].data.u32;
      ssize_t size = recv(sockets[from], packet, sizeof packet, 0);
      if (size > 0) send(sockets[from ^ 1], packet, (size_t)size, 0);
    }
  }
}

int main(int count, char **arguments) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int epoll = epoll_create1(0), *sockets = calloc((size_t)count, sizeof *sockets);
  for (int i = 0; i + 2 < count; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
    sockets[i] = open_towards(arguments[i + 2], atoi(arguments[1]));
    epoll_ctl(epoll, EPOLL_CTL_ADD, sockets[i], &event);
  }
  puts("");
  fflush(stdout);
  relay(epoll, sockets);
}
