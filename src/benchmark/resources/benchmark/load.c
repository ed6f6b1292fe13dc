/*
 * Load for a server that passes positions on within families over WebSocket, from one thread, so that the server has
 * the rest of the machine. The benchmark compiles and runs it; it prints one line of NAME=NUMBER.
 *
 *   load port=3001 path=/ws families=200 members=5 tokens=FILE flight=8 seconds=10 pid=1234
 *
 *   port path    of the server on this machine; %d in the path is the number of the family
 *   families members   how many connections: one for each member
 *   tokens       file with a device token a line, family by family; without it the server is a Socket.IO one that
 *                asks for none
 *   flight       closed loop: each family's first member sends again when its second member has heard; this many
 *                updates are on their way at any time
 *   rate         open loop: updates a second in all, members taking turns
 *   acks         1: each update has an id, which Draugar acknowledges once it is stored
 *   warm seconds how long before, and how long while it is counted
 *   pid          the server, for its processor time
 *   hold         1: sends nothing, says READY, and holds the connections until its standard input ends
 *
 * The longitude carries the number of the update, so that a delivery is recognised whatever else the server writes
 * around it, and nothing counts that was sent before. After the end it waits for what is still on its way: what has
 * not come within five quiet seconds is lost.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { IN_FLIGHT = 1 << 22, MOST_MICROS = 20 * 1000 * 1000, OUT = 2048, PER_ADDRESS = 20000 };

static const double FIRST_LONGITUDE = 10;

typedef enum { UPGRADING, GREETING, READY, GONE } State;

typedef struct {
    int socket, family, member;
    State state;
    char *in;
    size_t length, room;
} Peer;

typedef enum { BEFORE, COUNTED, AFTER } Phase;

static int port, families = 1, members = 2, flight, warm = 4, seconds = 10, pid, acks, hold;
static double rate;
static const char *path = "/ws", *tokens;

static Peer *peers;
static int epoll, ready, gone;
static Phase phase;
static uint64_t sent, delivered, acknowledged, refused, counted;
static uint64_t sent_at[IN_FLIGHT];
// The updates whose time counts: from the first on, and before the last.
static uint64_t first_counted = UINT64_MAX, last_counted = UINT64_MAX;
static uint32_t micros[MOST_MICROS + 1];

static void fail(const char *what) {
    fprintf(stderr, "load: %s\n", what);
    exit(1);
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void drop(Peer *peer) {
    if (peer->state != GONE) {
        close(peer->socket);
        peer->state = GONE;
        gone++;
    }
}

static void write_all(Peer *peer, const char *bytes, size_t length) {
    while (length > 0 && peer->state != GONE) {
        ssize_t n = write(peer->socket, bytes, length);
        if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            poll(&(struct pollfd){.fd = peer->socket, .events = POLLOUT}, 1, 1000);
        } else {
            drop(peer);
        }
    }
}

/* A masked frame, RFC 6455, 5.2; with a key of zeros the masked bytes are the bytes. */
static void send_frame(Peer *peer, int opcode, const char *payload, size_t length) {
    char frame[OUT + 8];
    size_t head = 0;
    frame[head++] = (char)(0x80 | opcode);
    if (length < 126) {
        frame[head++] = (char)(0x80 | length);
    } else {
        frame[head++] = (char)(0x80 | 126);
        frame[head++] = (char)(length >> 8);
        frame[head++] = (char)length;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, payload, length);
    write_all(peer, frame, head + 4 + length);
}

static void say(Peer *peer, const char *text) {
    send_frame(peer, 1, text, strlen(text));
}

static const char *timestamp(void) {
    static char text[64];
    static time_t second;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (t.tv_sec != second) {
        struct tm utc;
        second = t.tv_sec;
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&second, &utc));
    }
    sprintf(text + 19, ".%03dZ", (int)(t.tv_nsec / 1000000));
    return text;
}

// due: when it should leave, in nanoseconds; a server that stops everybody is not to make its delay smaller by that.
static void send_update(Peer *peer, uint64_t due) {
    char text[OUT], id[48] = "";
    if (acks) {
        // Not the ids of the last run: those would be repetitions.
        sprintf(id, "\"id\":\"%d-%llu\",", (int)getpid(), (unsigned long long)sent);
    }
    int length = snprintf(text, sizeof text, "%s%s\"latitude\":64.146600,\"longitude\":%.6f,\"accuracy\":12.5,\"timestamp\":\"%s\"%s",
        tokens ? "{\"type\":\"location:update\"," : "42[\"location:update\",{", id,
        FIRST_LONGITUDE + (double)sent * 1e-6, timestamp(), tokens ? "}" : "}]");
    sent_at[sent % IN_FLIGHT] = due;
    sent++;
    send_frame(peer, 1, text, (size_t)length);
}

static void greet(Peer *peer) {
    peer->state = GREETING;
    if (tokens) {
        say(peer, "{\"type\":\"location:subscribe\"}");
        /* Its answer comes in order: when it is there, all that was known before has come. */
        say(peer, "{\"type\":\"ping\"}");
    }
}

static void is_ready(Peer *peer) {
    peer->state = READY;
    ready++;
}

/* The digits of a number with up to six decimals, in millionths. */
static int64_t millionths(const char *digits) {
    int64_t value = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++) {
        value = value * 10 + (*digits - '0');
    }
    int decimals = 0;
    if (*digits == '.') {
        for (digits++; *digits >= '0' && *digits <= '9' && decimals < 6; digits++, decimals++) {
            value = value * 10 + (*digits - '0');
        }
    }
    for (; decimals < 6; decimals++) {
        value *= 10;
    }
    return value;
}

static void deliver(Peer *peer, int64_t number) {
    if (number < 0 || (uint64_t)number >= sent) {
        return;
    }
    delivered++;
    // What was sent in the counted seconds, however late it arrives.
    if ((uint64_t)number >= first_counted && (uint64_t)number < last_counted) {
        uint64_t at = now(), due = sent_at[number % IN_FLIGHT], took = at > due ? (at - due) / 1000 : 0;
        micros[took < MOST_MICROS ? took : MOST_MICROS]++;
        counted++;
    }
    if (flight && phase != AFTER && peer->member == 1) {
        send_update(&peers[peer->family * members], now());
    }
}

static void hear_text(Peer *peer, char *text, size_t length) {
    static const char longitude[] = "\"longitude\":";
    if (peer->state == GREETING) {
        if (!tokens && text[0] == '0') {
            say(peer, "40");
        } else if (tokens ? memmem(text, length, "\"pong\"", 6) != NULL : length > 1 && text[0] == '4' && text[1] == '0') {
            is_ready(peer);
        }
        return;
    }
    if (!tokens && length == 1 && text[0] == '2') {
        say(peer, "3");
        return;
    }
    char *found = memmem(text, length, longitude, sizeof longitude - 1);
    if (found) {
        deliver(peer, millionths(found + sizeof longitude - 1) - (int64_t)(FIRST_LONGITUDE * 1e6));
    } else if (memmem(text, length, "\"ack\"", 5)) {
        acknowledged++;
    } else if (memmem(text, length, "\"error\"", 7)) {
        if (refused++ == 0) {
            fprintf(stderr, "load: the server answers %.*s\n", (int)length, text);
        }
    }
}

/* Takes one frame off what has come. @return its length, or 0 when it is not there as a whole yet */
static size_t hear_frame(Peer *peer, size_t at) {
    unsigned char *frame = (unsigned char *)peer->in + at;
    size_t there = peer->length - at, head = 2;
    if (there < head) {
        return 0;
    }
    size_t length = frame[1] & 127;
    if (length == 126) {
        head = 4;
    } else if (length == 127) {
        head = 10;
    }
    if (there < head) {
        return 0;
    }
    if (head > 2) {
        length = 0;
        for (size_t i = 2; i < head; i++) {
            length = length << 8 | frame[i];
        }
    }
    if (there < head + length) {
        return 0;
    }
    switch (frame[0] & 15) {
        case 1: {
            char *text = (char *)frame + head, after = text[length];
            text[length] = 0;
            hear_text(peer, text, length);
            text[length] = after;
            break;
        }
        case 8:
            drop(peer);
            break;
        case 9:
            send_frame(peer, 10, (char *)frame + head, length);
            break;
        default:
            break;
    }
    return head + length;
}

static void hear(Peer *peer) {
    for (;;) {
        if (peer->room - peer->length < 1024) {
            peer->room *= 2;
            peer->in = realloc(peer->in, peer->room + 1);
        }
        size_t wanted = peer->room - peer->length;
        ssize_t n = read(peer->socket, peer->in + peer->length, wanted);
        if (n < 0 && errno == EAGAIN) {
            break;
        }
        if (n <= 0) {
            drop(peer);
            return;
        }
        peer->length += (size_t)n;
        if ((size_t)n < wanted) {
            break;
        }
    }
    size_t at = 0;
    if (peer->state == UPGRADING) {
        peer->in[peer->length] = 0;
        char *end = strstr(peer->in, "\r\n\r\n");
        if (!end) {
            return;
        }
        if (strncmp(peer->in, "HTTP/1.1 101", 12) != 0) {
            fprintf(stderr, "load: refused with %.*s\n", (int)(strchr(peer->in, '\r') - peer->in), peer->in);
            exit(1);
        }
        at = (size_t)(end + 4 - peer->in);
        greet(peer);
    }
    for (size_t taken; peer->state != GONE && (taken = hear_frame(peer, at)) > 0; at += taken) {
    }
    if (peer->state != GONE) {
        memmove(peer->in, peer->in + at, peer->length - at);
        peer->length -= at;
    }
}

static void listen_for(int millis) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll, events, 512, millis);
    for (int i = 0; i < n; i++) {
        Peer *peer = events[i].data.ptr;
        if (peer->state != GONE) {
            hear(peer);
        }
    }
}

static void join(Peer *peer, int number, FILE *tokens_file) {
    *peer = (Peer){.family = number / members, .member = number % members, .room = 2048, .in = malloc(2049)};
    peer->socket = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(peer->socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    /* An address has 28,000 ports; the next one has its own. */
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(number / PER_ADDRESS))};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    setsockopt(peer->socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
    if (peer->socket < 0 || bind(peer->socket, (void *)&from, sizeof from) || connect(peer->socket, (void *)&to, sizeof to)) {
        perror("load: cannot connect");
        exit(1);
    }
    char where[512], request[OUT], authorization[512] = "";
    snprintf(where, sizeof where, path, peer->family);
    if (tokens_file) {
        char token[256];
        if (!fgets(token, sizeof token, tokens_file)) {
            fail("there are fewer tokens than members");
        }
        token[strcspn(token, "\r\n")] = 0;
        snprintf(authorization, sizeof authorization, "Authorization: Bearer %s\r\n", token);
    }
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: RHJhdWdhciBtZWFzdXJlcw==\r\nSec-WebSocket-Version: 13\r\n%s\r\n", where, port, authorization);
    write_all(peer, request, (size_t)length);
    fcntl(peer->socket, F_SETFL, O_NONBLOCK);
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = peer};
    epoll_ctl(epoll, EPOLL_CTL_ADD, peer->socket, &wanted);
}

/* @return the processor time of the server so far, in seconds */
static double processor_time(void) {
    char name[64], stat[2048] = "";
    snprintf(name, sizeof name, "/proc/%d/stat", pid);
    FILE *file = fopen(name, "r");
    if (!file) {
        return 0;
    }
    size_t n = fread(stat, 1, sizeof stat - 1, file);
    fclose(file);
    stat[n] = 0;
    unsigned long user = 0, kernel = 0;
    char *rest = strrchr(stat, ')');
    /* Fields 14 and 15 of proc(5); the program's name, which may hold anything, is the second. */
    if (rest) {
        sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel);
    }
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static double quantile(double part) {
    uint64_t below = 0;
    for (uint32_t i = 0; i <= MOST_MICROS; i++) {
        below += micros[i];
        if (counted > 0 && below >= (uint64_t)(part * (double)counted)) {
            return i / 1000.0;
        }
    }
    return 0;
}

static void read_arguments(int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        char *value = strchr(arguments[i], '=');
        if (!value) {
            fail("expected NAME=VALUE");
        }
        *value++ = 0;
        struct { const char *name; int *number; } numbers[] = {{"port", &port}, {"families", &families}, {"members", &members},
            {"flight", &flight}, {"warm", &warm}, {"seconds", &seconds}, {"pid", &pid}, {"acks", &acks}, {"hold", &hold}};
        int known = 0;
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            if (strcmp(arguments[i], numbers[k].name) == 0) {
                *numbers[k].number = atoi(value);
                known = 1;
            }
        }
        if (strcmp(arguments[i], "rate") == 0) {
            rate = atof(value);
        } else if (strcmp(arguments[i], "path") == 0) {
            path = value;
        } else if (strcmp(arguments[i], "tokens") == 0) {
            tokens = value;
        } else if (!known) {
            fail(arguments[i]);
        }
    }
}

static void connect_all(void) {
    int total = families * members;
    peers = calloc((size_t)total, sizeof *peers);
    epoll = epoll_create1(0);
    FILE *file = tokens ? fopen(tokens, "r") : NULL;
    if (tokens && !file) {
        fail("cannot read the tokens");
    }
    uint64_t patience = now() + 120 * 1000000000ull;
    for (int i = 0; i < total; i++) {
        join(&peers[i], i, file);
        while (ready + gone < i - 50 && now() < patience) {
            listen_for(10);
        }
    }
    while (ready + gone < total && now() < patience) {
        listen_for(10);
    }
    if (ready < total || gone > 0) {
        fprintf(stderr, "load: %d of %d connections came about\n", ready - gone, total);
        exit(1);
    }
}

static void hold_until_told(void) {
    puts("READY");
    fflush(stdout);
    struct pollfd wanted[] = {{.fd = epoll, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    while (poll(wanted, 2, -1) >= 0 && !wanted[1].revents) {
        listen_for(0);
    }
    printf("connections=%d gone=%d\n", ready, gone);
}

int main(int count, char **arguments) {
    read_arguments(count, arguments);
    connect_all();
    if (hold) {
        hold_until_told();
        return 0;
    }
    uint64_t start = now(), counting = start + (uint64_t)warm * 1000000000, end = counting + (uint64_t)seconds * 1000000000;
    uint64_t counted_from = 0, sent_before = 0, delivered_before = 0, due = 0;
    double processor_before = 0;
    for (int i = 0; i < flight * families; i++) {
        send_update(&peers[i % families * members], now());
    }
    for (uint64_t t = start; t < end; t = now()) {
        if (phase == BEFORE && t >= counting) {
            phase = COUNTED;
            counted_from = t;
            first_counted = sent_before = sent;
            delivered_before = delivered;
            processor_before = processor_time();
        }
        for (int burst = 0; rate > 0 && burst < 64 && (double)due < (double)(t - start) / 1e9 * rate; burst++, due++) {
            send_update(&peers[due % (uint64_t)families * (uint64_t)members + due / (uint64_t)families % (uint64_t)members],
                start + (uint64_t)((double)due * 1e9 / rate));
        }
        listen_for(rate > 0 ? 1 : 10);
    }
    double took = (double)(now() - counted_from) / 1e9, processor = processor_time() - processor_before;
    double updates = (double)(sent - sent_before), deliveries = (double)(delivered - delivered_before);
    phase = AFTER;
    last_counted = sent;
    uint64_t expected = sent * (uint64_t)(members - 1), expected_acks = acks ? sent : 0;
    for (uint64_t last = delivered + acknowledged, quiet = now(); now() - quiet < 5000000000ull;) {
        if (delivered >= expected && acknowledged + refused >= expected_acks) {
            break;
        }
        listen_for(10);
        if (delivered + acknowledged != last) {
            last = delivered + acknowledged;
            quiet = now();
        }
    }
    printf("updates=%.0f deliveries=%.0f p50=%.3f p99=%.3f p999=%.3f cores=%.3f cpu=%.3f lost=%lld refused=%llu unacknowledged=%lld gone=%d\n",
        updates / took, deliveries / took, quantile(0.5), quantile(0.99), quantile(0.999), processor / took,
        deliveries > 0 ? processor * 1e6 / deliveries : 0, (long long)(expected - delivered), (unsigned long long)refused,
        (long long)(expected_acks - acknowledged), gone);
    return 0;
}
