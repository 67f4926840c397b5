/*
 * A thread that sleeps in the kernel until it is told of a change or is to stop. It has to be one of its own: Node's loop
 * watches no sockets of this kind, and libuv's headers would bind this to one version of Node.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink-listener.h"

/* As others see it, e.g. `top -H`; 15 characters at most. */
#define THREAD_NAME "network-watch"
/* Read in one go before it is told of; what is left wakes the thread again. */
#define MESSAGES_MAX 256

struct netlink_listener {
  int messages;
  int stop;
  netlink_tell_t tell;
  void *owner;
  pthread_t thread;
};

/*
 * Reads what has come, and throws it away. Only the kernel's own word counts: any process may send to this socket.
 * Returns 0, or the errno that ends it.
 */
static int read_messages(int messages, bool *has_heard) {
  for (int count = 0; count < MESSAGES_MAX; count += 1) {
    struct sockaddr_nl from = {0};
    socklen_t from_bytes = sizeof from;
    char beginning;
    if (recvfrom(messages, &beginning, sizeof beginning, MSG_DONTWAIT, (struct sockaddr *)&from, &from_bytes) >= 0) {
      if (from.nl_pid == 0) *has_heard = true;
    } else if (errno == ENOBUFS) {
      /* More came than the socket could hold: of that too it is only to be known that something came. */
      *has_heard = true;
    } else if (errno == EAGAIN) {
      return 0;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

/* Returns 0 when it is to stop, or the errno that ends it. */
static int listen_until_stopped(const netlink_listener_t *listener) {
  struct pollfd watched[] = {{.fd = listener->messages, .events = POLLIN}, {.fd = listener->stop, .events = POLLIN}};
  for (;;) {
    if (poll(watched, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    if (watched[1].revents != 0) return 0;
    /* Nothing would be left to read, and each poll would return at once. */
    if ((watched[0].revents & (POLLHUP | POLLNVAL)) != 0) return EPIPE;
    bool has_heard = false;
    int problem = read_messages(listener->messages, &has_heard);
    if (problem != 0) return problem;
    if (has_heard) listener->tell(listener->owner, 0);
  }
}

static void *run(void *data) {
  const netlink_listener_t *listener = data;
  prctl(PR_SET_NAME, THREAD_NAME);
  int problem = listen_until_stopped(listener);
  if (problem != 0) listener->tell(listener->owner, problem);
  return NULL;
}

/* Returns a socket that is told of links and addresses, or -1 with errno. */
static int open_messages(void) {
  int messages = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (messages < 0) return -1;
  struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
  if (bind(messages, (struct sockaddr *)&own, sizeof own) == 0) return messages;
  int problem = errno;
  close(messages);
  errno = problem;
  return -1;
}

/* Signals are the other threads' matter. Returns 0 or an errno. */
static int start_thread(netlink_listener_t *listener) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int problem = pthread_create(&listener->thread, NULL, run, listener);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return problem;
}

/* Descriptors that were not opened are -1. */
static void let_go(netlink_listener_t *listener) {
  if (listener->messages >= 0) close(listener->messages);
  if (listener->stop >= 0) close(listener->stop);
  free(listener);
}

int netlink_listener_open(netlink_listener_t **opened, netlink_tell_t tell, void *owner) {
  netlink_listener_t *listener = calloc(1, sizeof *listener);
  if (listener == NULL) return ENOMEM;
  listener->tell = tell;
  listener->owner = owner;
  listener->stop = -1;
  int problem = 0;
  listener->messages = open_messages();
  if (listener->messages < 0) problem = errno;
  if (problem == 0 && (listener->stop = eventfd(0, EFD_CLOEXEC)) < 0) problem = errno;
  if (problem == 0) problem = start_thread(listener);
  if (problem != 0) {
    let_go(listener);
    return problem;
  }
  *opened = listener;
  return 0;
}

void netlink_listener_close(netlink_listener_t *listener) {
  eventfd_write(listener->stop, 1);
  pthread_join(listener->thread, NULL);
  let_go(listener);
}
