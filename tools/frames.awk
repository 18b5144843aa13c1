# Writes fuzz/frames.h's functions as assembly: 1,024 outer and 1,024 inner ones, whose names are
# letters without a pattern. Assembly, so that no compiler inlines, merges or instruments them or
# turns their calls into jumps, and each keeps its frame pointer. The inner ones raise SIGABRT
# themselves: no frame of a C library, which a collector may know by another name, is above them.
#
#   awk -f tools/frames.awk > frames.S

# The next of 2^31 - 1 states (Lehmer: "Mathematical methods in large-scale computing units", 1951,
# with the multiplier 48271), small enough for awk's doubles.
function next_state() { return state = (state * 48271) % 2147483647 }

function new_name(    k, text) {
    text = "x"
    for (k = 0; k < 16; k++) text = text substr("abcdefghijklmnopqrstuvwxyz", next_state() % 26 + 1, 1)
    return text
}

function emit(pool, body,    k) {
    for (k = 0; k < 1024; k++) {
        name[k] = new_name()
        printf "FRAME(%s, %s)\n", name[k], body
    }
    printf "    .section .data.rel.ro, \"aw\", @progbits\n    .balign 8\n"
    printf "    .globl %s\n    .type %s, @object\n%s:\n", pool, pool, pool
    for (k = 0; k < 1024; k++) printf "    .quad %s\n", name[k]
    printf "    .size %s, . - %s\n", pool, pool
    printf "    .section .rodata\n    .balign 8\n"
    printf "    .globl %s_names\n    .type %s_names, @object\n%s_names:\n", pool, pool, pool
    for (k = 0; k < 1024; k++) printf "    .asciz \"%s\"\n", name[k]
    printf "    .size %s_names, . - %s_names\n    .text\n", pool, pool
}

BEGIN {
    state = 20240607
    print "/* Made by tools/frames.awk. */"
    print "#include <sys/syscall.h>"
    print "#define FRAME(name, body) .type name, @function; name: .cfi_startproc; push %rbp; \\"
    print "    .cfi_def_cfa_offset 16; .cfi_offset %rbp, -16; mov %rsp, %rbp; \\"
    print "    .cfi_def_cfa_register %rbp; body; ud2; .cfi_endproc; .size name, . - name"
    print "#define CALL call *%rdi"
    print "#define ABORT mov $SYS_getpid, %eax; syscall; mov %eax, %edi; mov $SYS_gettid, %eax; syscall; \\"
    print "    mov %eax, %esi; mov $6, %edx; mov $SYS_tgkill, %eax; syscall; call abort@PLT"
    print "    .text"
    emit("frames_outer", "CALL")
    emit("frames_inner", "ABORT")
    print "    .section .note.GNU-stack, \"\", @progbits"
}
