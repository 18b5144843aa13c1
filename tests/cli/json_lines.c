/* Whether what a command prints for other programs can be read by them.
 *
 *     tally run --json FILE | json_lines KEY...
 *
 * Exit status 0 when there is a line, every line is a JSON object, and each key stands in one of
 * them. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    static char line[1 << 20];
    int found[64] = {0}, lines = 0;
    for (; fgets(line, sizeof line, stdin); lines++) {
        json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(o)) {
            printf("not an object: %s", line);
            return 1;
        }
        for (int k = 1; k < argc && k < 64; k++) found[k] |= json_object_get(o, argv[k]) != NULL;
        json_decref(o);
    }
    for (int k = 1; k < argc && k < 64; k++) {
        if (found[k]) continue;
        printf("no line has %s\n", argv[k]);
        return 1;
    }
    return lines == 0;
}
