/* What the two sides of a worker share. Private to remote.c and worker.c. */
#ifndef ORACLE_REMOTE_LOCAL_H
#define ORACLE_REMOTE_LOCAL_H

#include "oracle/place.h"
#include "oracle/process.h"
#include "oracle/remote.h"

enum { TEXT_BYTES = 64 << 20 };

typedef enum { ORDER_open, ORDER_compile, ORDER_run, ORDER_COUNT } Order;

/* Where one case's text lies in Mailbox.text; behind it a byte a function: entered or not. */
typedef struct {
    uint32_t at, n, nfuncs;
} Parcel;

/* Written by the side whose turn it is. */
typedef struct {
    Order order;
    char fault_at[PLACE_SIZE]; /* where the worker faulted, outside of compiled code */

    /* open */
    bool opened;
    char about[MESSAGE_BYTES], features[MESSAGE_BYTES];
    char error[MESSAGE_BYTES];

    /* compile */
    uint32_t ncases;
    Parcel parcels[REMOTE_CASES_MAX];
    struct {
        CompileStatus status;
        bool lied;
        char message[MESSAGE_BYTES];
    } compiled[REMOTE_CASES_MAX];
    uint64_t resident; /* bytes of the worker's memory */

    /* run */
    uint32_t index;
    RemoteCall call; /* its args are here: */
    _Alignas(16) uint8_t args[REMOTE_VALUES_MAX * ARG_BYTES];
    _Alignas(16) uint8_t results[REMOTE_VALUES_MAX * ARG_BYTES];
    ExecResult ran; /* its texts are static, at the same addresses on both sides */
    TrapCode trap;

    char text[];
} Mailbox;

/* The worker's life: takes orders from `socket` until it ends. */
_Noreturn void worker_serve(const Config *config, Mailbox *box, int socket, const char *folder,
                            uint32_t run_limit_ms);

#endif
