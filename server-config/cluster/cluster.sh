#!/bin/bash
# Three Draugars, nginx, Redis and PostgreSQL on one machine, all in one folder and on free ports of 127.0.0.1: to try a
# cluster, and for the tests. docs/operations.md explains it, and what is different where each has a machine of its own.
#
#   cluster.sh start FOLDER [PART…]   starts everything, or these parts, and waits until they answer
#   cluster.sh stop  FOLDER [PART…]   stops them, nodes first
#   cluster.sh show  FOLDER           the address of each part, and whether it answers
#
# Parts: postgres redis node1 node2 node3 nginx. Needs Java 17, redis-server, nginx and PostgreSQL's programs.
#
#   NODES         how many nodes there are (3)
#   DRAUGAR_JAR   the jar to start (target/draugar.jar of this source)
#   JAVA_OPTS     options for the nodes' Java
#   NODE1_POSTGRES, NODE1_REDIS, …  host:port by which one node alone reaches it, such as a proxy in between
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
jar=${DRAUGAR_JAR:-$here/../../target/draugar.jar}
nodes=${NODES:-3}
usage() { sed -n '2,16s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
command=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
shift 2

fail() { echo "cluster.sh: $*" >&2; exit 1; }

# The port of a part: found when it is asked for first, and kept in a file, so that a part comes back where it was.
port() {
  local file=$folder/$1.port candidate
  while [ ! -s "$file" ]; do
    candidate=$((20000 + RANDOM % 12000))
    if ! grep -qsx "$candidate" "$folder"/*.port && ! (exec 3<> "/dev/tcp/127.0.0.1/$candidate") 2> /dev/null; then
      echo "$candidate" > "$file"
    fi
  done
  cat "$file"
}

answers() {
  case $1 in
    node*) curl -fsS -m 3 -o /dev/null "http://127.0.0.1:$(port "$1")/api/health" 2> /dev/null ;;
    redis) [ "$(redis-cli -p "$(port redis)" ping 2> /dev/null)" = PONG ] ;;
    postgres) "$(postgres_programs)/pg_isready" -q -h 127.0.0.1 -p "$(port postgres)" ;;
    nginx) (exec 3<> "/dev/tcp/127.0.0.1/$(port nginx)") 2> /dev/null ;;
  esac
}

runs() { [ -s "$folder/$1.pid" ] && kill -0 -- "-$(cat "$folder/$1.pid")" 2> /dev/null; }

# In a process group of its own, whose number is kept: a signal reaches the part and all of its children.
launch() {
  local part=$1
  shift
  setsid "$@" >> "$folder/$part.log" 2>&1 < /dev/null &
  echo $! > "$folder/$part.pid"
}

await() {
  for _ in $(seq 600); do
    if answers "$1"; then return; fi
    runs "$1" || fail "$1 has ended; $folder/$1.log says why: $(tail -n 5 "$folder/$1.log")"
    sleep 0.2
  done
  fail "$1 does not answer; $folder/$1.log may say why"
}

# One for all nodes: a code that one of them gave must open the door of each.
secret() {
  # Of the letters that codes are made of.
  [ -s "$folder/$1" ] || head -c 1000 /dev/urandom | tr -dc 'A-HJ-NP-Z2-9' | cut -c1-40 > "$folder/$1"
  cat "$folder/$1"
}

postgres_programs() {
  local program
  program=$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2> /dev/null | tail -n 1) || true
  [ -n "$program" ] || fail "PostgreSQL is not installed"
  dirname "$(readlink -f "$program")"
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi
}

start_postgres() {
  local programs
  programs=$(postgres_programs)
  if [ ! -d "$folder/postgres/data" ]; then
    install -d -m 0700 "$folder/postgres"
    [ "$(id -u)" != 0 ] || { chmod 0755 "$folder"; chown postgres "$folder/postgres"; }
    (cd "$folder/postgres" && as_postgres "$programs/initdb" -D "$folder/postgres/data" -U draugar -A trust -E UTF8) \
      >> "$folder/postgres.log" 2>&1 || fail "initdb failed; see $folder/postgres.log"
  fi
  # What a server leaves that was killed keeps no other from starting, as its process is gone.
  cd "$folder/postgres"
  if [ "$(id -u)" = 0 ]; then
    launch postgres setpriv --reuid postgres --regid postgres --clear-groups "$programs/postgres" \
      -D "$folder/postgres/data" -p "$(port postgres)" -c listen_addresses=127.0.0.1 \
      -c unix_socket_directories= -c max_connections=100
  else
    launch postgres "$programs/postgres" -D "$folder/postgres/data" -p "$(port postgres)" \
      -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100
  fi
  cd "$here"
  await postgres
  "$programs/psql" -qAt -h 127.0.0.1 -p "$(port postgres)" -U draugar -d template1 \
    -c "select 1 from pg_database where datname = 'draugar'" | grep -q 1 \
    || "$programs/createdb" -h 127.0.0.1 -p "$(port postgres)" -U draugar draugar
}

start_redis() {
  # It keeps nothing on disk: all that matters is in PostgreSQL.
  launch redis redis-server --port "$(port redis)" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder"
  await redis
}

start_node() {
  local name=$1 postgres redis
  postgres=${name^^}_POSTGRES
  redis=${name^^}_REDIS
  postgres=${!postgres:-127.0.0.1:$(port postgres)}
  redis=${!redis:-127.0.0.1:$(port redis)}
  [ -e "$jar" ] || fail "there is no $jar: build it with mvn package"
  # shellcheck disable=SC2086
  DRAUGAR_PORT=$(port "$name") DRAUGAR_HOST=127.0.0.1 DRAUGAR_DATA=$folder/$name \
    DRAUGAR_DATABASE_URL=jdbc:postgresql://$postgres/draugar DRAUGAR_DATABASE_USER=draugar \
    DRAUGAR_CLUSTER=$([ "$nodes" -gt 1 ] && echo "redis://$redis" || true) \
    DRAUGAR_CODE_KEY=$(secret code.key) DRAUGAR_SETUP_CODE=${DRAUGAR_SETUP_CODE:-$(secret setup.code)} \
    launch "$name" java ${JAVA_OPTS:-} -jar "$jar"
}

start_nginx() {
  local servers='' k
  for k in $(seq "$nodes"); do
    servers="$servers server 127.0.0.1:$(port "node$k") max_fails=1 fail_timeout=5s;"
  done
  sed -e "s|server 127.0.0.1:3001;.*|$servers|" -e "s|listen 80;|listen 127.0.0.1:$(port nginx);|" \
    "$here/nginx.conf" > "$folder/nginx-draugar.conf"
  cat > "$folder/nginx.conf" << END
daemon off; pid $folder/nginx-master.pid; error_log stderr warn; worker_processes 1;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $folder/nginx-b; proxy_temp_path $folder/nginx-p; fastcgi_temp_path $folder/nginx-f;
  uwsgi_temp_path $folder/nginx-u; scgi_temp_path $folder/nginx-s;
  include $folder/nginx-draugar.conf;
}
END
  launch nginx env PATH="$PATH:/usr/sbin" nginx -e stderr -c "$folder/nginx.conf"
  await nginx
}

start() {
  for part in "$@"; do
    if runs "$part"; then continue; fi
    case $part in
      node*) start_node "$part" ;;
      postgres | redis | nginx) "start_$part" ;;
      *) usage ;;
    esac
  done
  for part in "$@"; do await "$part"; done
}

stop() {
  local part signal
  for part in "$@"; do
    runs "$part" || continue
    # To stop at once, whoever is connected: SIGINT to PostgreSQL. A part that was paused must go on to hear it.
    case $part in postgres) signal=INT ;; *) signal=TERM ;; esac
    kill -CONT -- "-$(cat "$folder/$part.pid")" 2> /dev/null || true
    kill "-$signal" -- "$(case $part in node*) echo "-$(cat "$folder/$part.pid")" ;; *) cat "$folder/$part.pid" ;; esac)" \
      2> /dev/null || true
    for _ in $(seq 100); do
      runs "$part" || break
      sleep 0.1
    done
    runs "$part" && kill -KILL -- "-$(cat "$folder/$part.pid")" 2> /dev/null || true
    rm -f "$folder/$part.pid"
  done
}

all=(postgres redis)
for k in $(seq "$nodes"); do all+=("node$k"); done
all+=(nginx)
case $command in
  start) start "${@:-${all[@]}}" ;;
  stop)
    if [ $# -gt 0 ]; then
      stop "$@"
    else
      reverse=()
      for part in "${all[@]}"; do reverse=("$part" "${reverse[@]}"); done
      stop "${reverse[@]}"
    fi
    ;;
  show)
    for part in "${all[@]}"; do
      printf '%-9s 127.0.0.1:%s %s\n' "$part" "$(port "$part")" "$(answers "$part" && echo answers || echo 'does not answer')"
    done
    ;;
  *) usage ;;
esac
