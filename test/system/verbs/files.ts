/** `cp`, `diff`, `export`, `commit` and what becomes of images; what exists is inspected, and pruned at the end. */
import { type Section, section } from './steps.ts';

const show = (folder: string): string => `(cd ${folder} && find . -printf '%P %y %m %U:%G %l\\n' | sort)`;
/** `ls -ln` without dates, and without the sizes of folders, which are the file system's. */
const long = `sed -E 's/[A-Z][a-z][a-z] [ 0-9][0-9] .[0-9:]* //; /^d/s/ +[0-9]+ (\\S+)$/ \\1/'`;

const cp = section(
  'cp',
  `
  mkdir -p src/sub; echo one >src/one; echo two >src/sub/two; ln -s one src/link; ln -s /etc/passwd src/abs; ln -s missing src/dangling; ln src/one src/hard; cp src/one src/suid; chmod 751 src/sub; chown -hR 5:6 src; chmod 4755 src/suid
  docker create --name cp-1 -v cp-volume:/vol --tmpfs /t --read-only busybox sleep 1000
  docker create --name cp-2 -v cp-volume:/vol busybox sh -c 'cd /; echo own >/own; rm /etc/group; mkdir /newdir; echo x >/newdir/x; ln -s /newdir /ldir; ln -s x /newdir/lx; sleep 1000'
  docker cp src cp-1:/
  docker cp src cp-1:/vol
  docker cp src/. cp-2:/vol/dot
  docker cp src/. cp-2:/vol
  docker cp src/one cp-2:/vol/renamed
  docker cp src/one cp-2:/vol/missing/x
  docker cp src/one cp-2:/vol/missing/
  docker cp src cp-2:/newplace
  docker cp -a src cp-2:/archive
  docker cp -L src/link cp-2:/followed
  docker cp src/link cp-2:/notfollowed
  docker cp src/one cp-2:relative
  docker start cp-2; sleep 0.5
  docker exec cp-2 sh -c 'ls -lnR /vol /newplace /archive /followed /notfollowed /relative 2>&1' | ${long} | grep -v ^total
  docker cp src cp-2:/etc
  docker cp src/one cp-2:/ldir
  docker cp src/one cp-2:/newdir/lx
  docker exec cp-2 cat /newdir/x /newdir/one
  docker cp src/one cp-2:/dev/shm/x; docker exec cp-2 ls /dev/shm
  docker cp cp-2:/newdir out1; ${show('out1')}
  docker cp cp-2:/newdir out1; ${show('out1')}
  docker cp cp-2:/newdir/. out2; ${show('out2')}
  docker cp cp-2:/ldir out3; stat -c %F out3
  docker cp -L cp-2:/ldir out4; ${show('out4')}
  docker cp cp-2:/newdir/lx out5; stat -c '%F %s' out5
  docker cp -L cp-2:/newdir/lx out6; cat out6
  docker cp cp-2:/vol/src/abs out7; readlink out7
  docker cp -a cp-2:/vol/src out8; ${show('out8')}
  docker cp cp-2:/vol/src out9; ${show('out9')}
  docker cp cp-2:/nothing out10
  docker cp cp-2:/own missingdir/x
  docker cp cp-nothing:/x .
  docker cp missing cp-1:/
  docker cp cp-1:/a cp-2:/b
  docker cp a b
  docker cp cp-2:/newdir - | tar tv --numeric-owner | awk '{print $1,$2,$6,$7,$8}'
  docker cp cp-2:/own - | tar tv --numeric-owner | awk '{print $1,$2,$3,$6}'
  tar c --numeric-owner src | docker cp - cp-2:/newdir
  tar c src | docker cp - cp-2:/nothing
  docker exec cp-2 sh -c 'ls -lnR /newdir' | ${long} | grep -v ^total
  docker cp cp-2:/dev/null out12; stat -c %F out12
  docker diff cp-2 | sort
  docker stop -t 0 cp-2; docker diff cp-2 | sort
  docker cp cp-2:/vol/renamed out15; cat out15
  docker diff cp-nothing
  docker rm -fv cp-1 cp-2; docker volume rm cp-volume
`,
);

const images = section(
  'images',
  `
  docker run --name im-1 busybox sh -c 'echo a >/etc/new; chmod 600 /etc/passwd; rm -r /var; mkdir /var; echo z >/var/z; mv /root /r2; ln -s a /lnk; touch /etc/group'
  docker diff im-1 | sort
  docker export im-1 | tar tv --numeric-owner | awk '{print $1,$2,$6,$7,$8}' | grep -v ' bin/' | sort -k3
  docker export im-nothing
  docker export im-1 | docker import -c 'CMD ["cat","/etc/new"]' -c 'ENV A=1' -m 'a message' - im-imported:1
  docker run --rm im-imported:1
  docker history --format '{{.CreatedBy}}|{{.Comment}}' im-imported:1
  docker inspect -f '{{json .Config.Cmd}} {{json .Config.Env}} {{.Comment}} {{.Os}} {{len .RootFS.Layers}}' im-imported:1
  docker commit im-nothing
  docker commit -c 'NONSENSE x' im-1
  docker commit -p=false -a 'me <a@b>' -m m -c 'CMD cat /etc/new' -c 'ENV X=1 Y=2' -c 'LABEL "a b"=c' -c 'EXPOSE 80 90/udp' -c 'ONBUILD RUN x' -c 'USER nobody' -c 'WORKDIR /w' -c 'VOLUME /v' -c 'HEALTHCHECK --interval=3s CMD true' im-1 im-made:1
  docker inspect -f '{{json .Config.Cmd}} {{json .Config.Env}} {{json .Config.Labels}} {{json .Config.ExposedPorts}} {{json .Config.OnBuild}} {{.Config.User}} {{.Config.WorkingDir}} {{json .Config.Volumes}} {{json .Config.Healthcheck}} {{.Author}} {{.Comment}} {{len .RootFS.Layers}}' im-made:1
  docker run --rm -u 0 im-made:1
  docker history --format '{{.CreatedBy}}|{{.Comment}}|{{.Size}}' im-made:1 | head -1
  docker tag im-made:1 im-made:2
  docker tag im-nothing x
  docker image inspect im-nothing
  docker rmi im-nothing
  docker rmi busybox
  docker save im-nothing
  docker save im-made:1 im-made:2 -o both.tar; docker rmi im-made:1 im-made:2 | grep -v Deleted
  docker load -i both.tar | sort
  docker load -i missing.tar
  echo nonsense | docker load
  docker image ls --filter reference='im-*' --format '{{.Repository}}:{{.Tag}} {{.Size}}' | sort
  docker rm im-1; docker rmi im-made:1 im-made:2 im-imported:1 | grep -v Deleted
`,
);

const objects = section(
  'objects',
  `
  docker network create --label n=1 ob-net; docker network create ob-net
  docker network inspect -f '{{json .Labels}} {{.Driver}} {{.Scope}} {{.Internal}} {{json .Options}}' ob-net
  docker volume create --label v=1 ob-volume; docker volume create ob-volume
  docker volume inspect -f '{{json .Labels}} {{.Driver}} {{.Scope}} {{json .Options}}' ob-volume
  docker volume create 'a b'
  docker volume create -o type=nonsense ob-bad
  docker volume create -o type=tmpfs -o device=tmpfs -o o=size=1m ob-tmpfs
  docker run --rm -v ob-tmpfs:/v busybox sh -c 'df /v | awk "{print \\$2}"'
  docker volume inspect -f '{{json .Options}}' ob-tmpfs
  docker create --name ob-1 -v ob-volume:/v --network ob-net busybox
  docker volume rm ob-volume
  docker network rm ob-net
  docker network inspect ob-nothing
  docker volume inspect ob-nothing
  docker volume rm ob-nothing
  docker network rm ob-nothing
  docker inspect ob-nothing
  docker inspect --type volume -f '{{.Name}}' ob-volume
  docker inspect -f '{{.Name}}' ob-net ob-volume ob-1
  docker volume ls --filter label=v --format '{{.Name}} {{.Driver}} {{.Labels}}'
  docker volume ls --filter dangling=true --filter name=ob- --format '{{.Name}}'
  docker volume ls --filter nonsense=1
  docker network ls --filter label=n=1 --format '{{.Name}} {{.Driver}} {{.Labels}}'
  docker network ls --filter nonsense=1
  docker image ls --filter nonsense=1
  docker rm ob-1; docker volume rm ob-volume ob-tmpfs ob-bad; docker network rm ob-net
`,
);

const prune: Section = {
  ...section(
    'prune',
    `
    docker create --name pr-1 -l keep=1 busybox; docker create --name pr-2 busybox; docker network create pr-net; docker volume create --label keep=1 pr-volume
    docker system df --format '{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}}'
    docker system df -v --format '{{range .Images}}{{.Repository}} {{.Containers}} {{.SharedSize}} {{.UniqueSize}};{{end}}{{range .Containers}}{{.Names}} {{.Size}};{{end}}'
    docker container prune -f --filter label=nothing
    docker container prune -f --filter until=1h
    docker container prune -f --filter nonsense=1
    docker container prune -f --filter label!=keep | wc -l
    docker container prune -f | wc -l
    docker network prune -f --filter until=1h
    docker network prune -f --filter nonsense=1
    docker network prune -f
    docker volume prune -f --filter label=nothing
    docker image prune -f --filter nonsense=1
    docker image prune -f
    docker volume rm pr-volume
`,
  ),
  alone: true,
};

export const filesAndObjects: readonly Section[] = [cp, images, objects, prune];
