/*
 * Hears from the kernel that a link or an address of this machine has changed. What has changed it does not tell: whoever
 * hears it looks for himself, so that a lost message costs no more than a late look.
 */
#ifndef TONEARM_NETLINK_LISTENER_H
#define TONEARM_NETLINK_LISTENER_H

typedef struct netlink_listener netlink_listener_t;

/*
 * Called on the listener's own thread. A problem of 0 says: look. Any other is the errno that has ended the listening; it is
 * the last call, and the listener is still to be closed.
 */
typedef void (*netlink_tell_t)(void *owner, int problem);

/* Returns 0, or the errno of what keeps it from listening. It may tell before this returns. */
int netlink_listener_open(netlink_listener_t **opened, netlink_tell_t tell, void *owner);

/* No call follows; waits for the thread, which waits for nothing. */
void netlink_listener_close(netlink_listener_t *listener);

#endif
