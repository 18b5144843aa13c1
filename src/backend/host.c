/* Apart from the other files, so that a test program can put its own function in the place of this
 * one by linking it first: that is how faults are planted, and release programs hold none. */
#include "backend/backend.h"

BackendHost backend_default_host(void)
{
    return (BackendHost){0};
}
