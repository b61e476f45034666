/* A literal IPv4 or IPv6 address with its UDP port, as the kernel takes it. */
#ifndef DOZVON_ADDRESS_H
#define DOZVON_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESS_TEXT_SIZE = 46 }; /* INET6_ADDRSTRLEN */

struct address {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  };
  socklen_t length; /* 0 = not known */
};

/* 0, or -EINVAL when host is not a literal address. */
int address_parse(struct address *address, const char *host, uint16_t port);
void address_format(const struct address *address, char text[ADDRESS_TEXT_SIZE]);
uint16_t address_port(const struct address *address);
bool address_is_same(const struct address *one, const struct address *other);
bool address_is_same_host(const struct address *one, const struct address *other);
bool address_is_wildcard(const struct address *address);

#endif
