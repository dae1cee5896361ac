package tui

import (
	"podlab/content"
	"podlab/labs"
)

// testClusterTexts stand for those of the cluster, so that the views under
// test do not change when those do.
var testClusterTexts = map[content.Lang]content.Catalog{
	content.English: {
		"auto.no-engine":    "embedded, because no container engine was found; with one, the containers would run",
		"step.check-bundle": "Check the bundle", "step.node-image": "Load the node image", "step.node": "Start the node", "step.lab-images": "Load the lab images",
		"error.no-engine": "No container engine answers", "remedy.no-engine": "Install docker or podman, or start it, and try again.",
	},
	content.German: {
		"auto.no-engine":    "embedded, weil keine Container-Engine gefunden wurde; mit einer liefen die Container wirklich",
		"step.check-bundle": "Bundle prüfen", "step.node-image": "Node-Image laden", "step.node": "Node starten", "step.lab-images": "Images der Übungen laden",
		"error.no-engine": "Keine Container-Engine antwortet", "remedy.no-engine": "Installiere oder starte docker oder podman und versuche es noch einmal.",
	},
	content.Chinese: {
		"auto.no-engine":    "使用 embedded，因为未找到容器引擎；有了它，容器会真正运行",
		"step.check-bundle": "校验离线包", "step.node-image": "加载节点镜像", "step.node": "启动节点", "step.lab-images": "加载练习镜像",
		"error.no-engine": "没有容器引擎响应", "remedy.no-engine": "请安装或启动 docker 或 podman，然后重试。",
	},
	content.Korean: {
		"auto.no-engine":    "컨테이너 엔진을 찾지 못해 embedded를 사용합니다. 엔진이 있으면 컨테이너가 실제로 실행됩니다",
		"step.check-bundle": "번들 확인", "step.node-image": "노드 이미지 불러오기", "step.node": "노드 시작", "step.lab-images": "실습 이미지 불러오기",
		"error.no-engine": "응답하는 컨테이너 엔진이 없습니다", "remedy.no-engine": "docker나 podman을 설치하거나 시작한 뒤 다시 시도하세요.",
	},
}

const testManifest = `apiVersion: v1
kind: Pod
metadata:
  name: mc3
  labels: {app: mc3}
spec:
  containers:
    - name: nginx
      image: nginx:1.29-alpine
      volumeMounts:
        - {name: conf, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf, readOnly: true}
`

var testTexts = map[string]map[content.Lang]*labs.Text{
	"mc1":           brief("The growing page", "Die wachsende Seite", "不断增长的页面", "자라나는 페이지"),
	"init-ordering": brief("Wait for the Services", "Auf die Services warten", "等待 Service 就绪", "Service 기다리기"),
	"mc3": {
		content.English: {
			Title: "A reverse proxy beside the app", Summary: "nginx takes requests on port 80 and passes them on to the app in the same Pod.",
			Task: "Create the Pod `mc3` (label `app: mc3`) with two containers:\n\n" +
				"- `webapp`, image `busybox:1.37`, serves *Hello world!* on port `5000`\n" +
				"- `nginx`, image `nginx:1.29-alpine`, with its `nginx.conf` from the ConfigMap `mc3-nginx-conf` by subPath\n\n" +
				"nginx listens on port 80 and passes requests on:\n\n```\nproxy_pass http://127.0.0.1:5000;\n```\n\nThe Service `mc3` of type NodePort makes it reachable. Port 5000 stays closed to the outside.",
			Hints: []string{"Containers of a Pod share `127.0.0.1`.", "Look at the port in `proxy_pass`.", "It is 5000."},
			Checks: map[string]labs.CheckText{
				"pod-running":    {Title: "The Pod mc3 runs", Expected: "A Pod mc3 whose containers are ready.", Why: "Nothing can be proxied before."},
				"config-mounted": {Title: "nginx.conf comes from the ConfigMap by subPath", Expected: "A mount with subPath nginx.conf.", Why: "Without subPath the mount hides the whole directory /etc/nginx."},
				"proxied":        {Title: "A request to the Service reaches webapp", Expected: "The path appears in the log of webapp.", Why: "nginx and webapp share the network namespace of the Pod, so 127.0.0.1 leads from one to the other."},
				"closed":         {Title: "Port 5000 is closed to the outside", Expected: "Connections to the Pod IP on 5000 are refused.", Why: "A port that is not declared is still open."},
			},
			Messages: content.Catalog{"found": "nginx passes requests on to port {port}, where nobody listens."},
			Debrief:  "Both containers share **one** network namespace. `containerPort` is information only: it opens and closes nothing.",
		},
		content.German: {
			Title: "Ein Reverse Proxy neben der Anwendung", Summary: "nginx nimmt Anfragen auf Port 80 an und reicht sie an die Anwendung im selben Pod weiter.",
			Task: "Lege den Pod `mc3` (Label `app: mc3`) mit zwei Containern an:\n\n" +
				"- `webapp`, Image `busybox:1.37`, liefert *Hello world!* auf Port `5000`\n" +
				"- `nginx`, Image `nginx:1.29-alpine`, mit seiner `nginx.conf` aus der ConfigMap `mc3-nginx-conf` per subPath\n\n" +
				"nginx lauscht auf Port 80 und reicht Anfragen weiter:\n\n```\nproxy_pass http://127.0.0.1:5000;\n```\n\nDer Service `mc3` vom Typ NodePort macht ihn erreichbar. Port 5000 bleibt von außen geschlossen.",
			Hints: []string{"Container eines Pods teilen sich `127.0.0.1`.", "Sieh dir den Port in `proxy_pass` an.", "Es ist 5000."},
			Checks: map[string]labs.CheckText{
				"pod-running":    {Title: "Der Pod mc3 läuft", Expected: "Ein Pod mc3, dessen Container bereit sind.", Why: "Vorher kann nichts weitergereicht werden."},
				"config-mounted": {Title: "nginx.conf kommt per subPath aus der ConfigMap", Expected: "Ein Mount mit subPath nginx.conf.", Why: "Ohne subPath verdeckt der Mount das ganze Verzeichnis /etc/nginx."},
				"proxied":        {Title: "Eine Anfrage an den Service erreicht webapp", Expected: "Der Pfad steht im Log von webapp.", Why: "nginx und webapp teilen sich den Netzwerk-Namespace des Pods, deshalb führt 127.0.0.1 vom einen zum anderen."},
				"closed":         {Title: "Port 5000 ist von außen geschlossen", Expected: "Verbindungen zur Pod-IP auf 5000 werden abgelehnt.", Why: "Auch ein nicht deklarierter Port ist offen."},
			},
			Messages: content.Catalog{"found": "nginx reicht Anfragen an Port {port} weiter, wo niemand lauscht."},
			Debrief:  "Beide Container teilen sich **einen** Netzwerk-Namespace. `containerPort` ist nur eine Angabe: sie öffnet und schließt nichts.",
		},
		content.Chinese: {
			Title: "应用旁边的反向代理", Summary: "nginx 在 80 端口接收请求，并转发给同一个 Pod 中的应用。",
			Task: "创建 Pod `mc3`（标签 `app: mc3`），其中包含两个容器：\n\n" +
				"- `webapp`，镜像 `busybox:1.37`，在端口 `5000` 上返回 *Hello world!*\n" +
				"- `nginx`，镜像 `nginx:1.29-alpine`，其 `nginx.conf` 以 subPath 方式来自 ConfigMap `mc3-nginx-conf`\n\n" +
				"nginx 监听 80 端口并转发请求：\n\n```\nproxy_pass http://127.0.0.1:5000;\n```\n\n类型为 NodePort 的 Service `mc3` 使其可以访问。端口 5000 对外保持关闭。",
			Hints: []string{"同一个 Pod 的容器共享 `127.0.0.1`。", "检查 `proxy_pass` 中的端口。", "应为 5000。"},
			Checks: map[string]labs.CheckText{
				"pod-running":    {Title: "Pod mc3 正在运行", Expected: "Pod mc3 存在，且所有容器均已就绪。", Why: "否则无法转发任何请求。"},
				"config-mounted": {Title: "nginx.conf 通过 subPath 来自 ConfigMap", Expected: "带有 subPath nginx.conf 的挂载。", Why: "不使用 subPath 时，挂载会遮住整个 /etc/nginx 目录。"},
				"proxied":        {Title: "发往 Service 的请求能够到达 webapp", Expected: "webapp 的日志中出现该路径。", Why: "nginx 与 webapp 共享 Pod 的网络命名空间，因此可以通过 127.0.0.1 互相访问。"},
				"closed":         {Title: "端口 5000 对外关闭", Expected: "对 Pod IP 的 5000 端口的连接被拒绝。", Why: "未声明的端口同样是开放的。"},
			},
			Messages: content.Catalog{"found": "nginx 把请求转发到端口 {port}，但那里没有进程监听。"},
			Debrief:  "两个容器共享**同一个**网络命名空间。`containerPort` 只是说明信息，既不会打开也不会关闭端口。",
		},
		content.Korean: {
			Title: "앱 옆의 리버스 프록시", Summary: "nginx가 80번 포트로 요청을 받아 같은 Pod의 앱으로 전달합니다.",
			Task: "컨테이너가 두 개인 Pod `mc3`(레이블 `app: mc3`)를 만드세요.\n\n" +
				"- `webapp`: 이미지 `busybox:1.37`, 포트 `5000`에서 「Hello world!」를 응답합니다\n" +
				"- `nginx`: 이미지 `nginx:1.29-alpine`, `nginx.conf`는 ConfigMap `mc3-nginx-conf`에서 subPath로 마운트합니다\n\n" +
				"nginx는 80번 포트에서 요청을 받아 전달합니다.\n\n```\nproxy_pass http://127.0.0.1:5000;\n```\n\nNodePort 유형의 Service `mc3`로 접근할 수 있어야 합니다. 5000번 포트는 외부에 닫혀 있어야 합니다.",
			Hints: []string{"한 Pod의 컨테이너는 `127.0.0.1`을 공유합니다.", "`proxy_pass`의 포트를 확인하세요.", "5000입니다."},
			Checks: map[string]labs.CheckText{
				"pod-running":    {Title: "Pod mc3가 실행 중입니다", Expected: "모든 컨테이너가 준비된 Pod mc3.", Why: "그 전에는 아무것도 전달할 수 없습니다."},
				"config-mounted": {Title: "nginx.conf를 ConfigMap에서 subPath로 가져옵니다", Expected: "subPath가 nginx.conf인 마운트.", Why: "subPath가 없으면 마운트가 /etc/nginx 디렉터리 전체를 가립니다."},
				"proxied":        {Title: "Service로 보낸 요청이 webapp에 도달합니다", Expected: "webapp 로그에 해당 경로가 나타납니다.", Why: "nginx와 webapp은 Pod의 네트워크 네임스페이스를 공유하므로 127.0.0.1로 서로 통신합니다."},
				"closed":         {Title: "5000번 포트가 외부에 닫혀 있습니다", Expected: "Pod IP의 5000번 포트 연결이 거부됩니다.", Why: "선언하지 않은 포트도 열려 있습니다."},
			},
			Messages: content.Catalog{"found": "nginx가 요청을 {port}번 포트로 전달하지만 그 포트를 듣는 프로세스가 없습니다."},
			Debrief:  "두 컨테이너는 **하나의** 네트워크 네임스페이스를 공유합니다. `containerPort`는 정보일 뿐이며 아무것도 열거나 닫지 않습니다.",
		},
	},
}

// brief makes the texts of a lab of which only the title is looked at.
func brief(en, de, zh, ko string) map[content.Lang]*labs.Text {
	texts := map[content.Lang]*labs.Text{}
	for lang, title := range map[content.Lang]string{content.English: en, content.German: de, content.Chinese: zh, content.Korean: ko} {
		texts[lang] = &labs.Text{Title: title, Summary: title + ".", Task: title, Hints: []string{title, title}, Debrief: title}
	}
	return texts
}
