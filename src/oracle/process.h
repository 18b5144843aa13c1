/* A worker process as its parent sees it: started, told, waited for, ended. What it does, and how a
 * back end comes into it, is worker.c; what it is told stands in the mailbox.
 *
 *     Process p = {.seconds = 20};
 *     process_start(&p, arena, serve, data);             serve(data, socket, folder), in the child
 *     if (process_tell(&p) && process_wait(&p)) …        it has done what the mailbox says
 *     else puts(p.end);                                  "SIGABRT: double free or corruption"
 *     process_stop(&p);
 *
 * A byte over a socket is an order, a byte back says that it is done. The worker leads a group of
 * its own, and all that it has started goes with it; so does its folder for files. Both are gone
 * at the latest when this process ends, unless it is killed: then the kernel kills the worker, and
 * the next process that starts one removes the folder.
 */
#ifndef ORACLE_PROCESS_H
#define ORACLE_PROCESS_H

#include "oracle/folder.h"

#include <sys/types.h>

enum { MESSAGE_BYTES = 400 };

typedef struct Process {
    uint32_t seconds; /* of CPU time that an order may take, or CLOCK_FACTOR times as many on the
                         clock: it may wait for processes of its own */
    char end[MESSAGE_BYTES]; /* how it ended, in one line of ASCII */
    bool stuck;              /* it had to be ended */

    /* Private. */
    pid_t pid, owner;   /* 0: none runs; the process that started it */
    int socket, output; /* the latter: what it wrote to stdout and stderr */
    Folder folder;
    int64_t told_at; /* the output's size when it was told the last time */
    struct Process *next;
} Process;

/* In the child: never returns. stdout and stderr lead to a file in memory, other descriptors are
 * closed. */
typedef void ProcessServe(void *data, int socket, const char *folder);

/* `a` holds paths; it is not reset while the worker lives. */
void process_start(Process *p, Arena *a, ProcessServe *serve, void *data);
void process_stop(Process *p);

/* Ends all that this process has started. For those who end without exit(). */
void process_stop_all(void);

/* The same for a signal's handler that ends the process: folders in which there is something
 * stay, until somebody starts a worker. */
void process_kill_all(void);

/* Whether this process has one that lives. One that ended since it answered is forgotten: nobody
 * knows what for. */
bool process_lives(Process *p);

/* Both are false when it did not live, or had to be ended; `end` then says how. */
bool process_tell(Process *p);
bool process_wait(Process *p);

#endif
