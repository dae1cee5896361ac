package report

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"podlab/content"
	"podlab/labs/exam"
)

// The page asks for nothing but itself, and fits the window, in a browser.
// The browser sends all its requests to this test, as its proxy.
func TestPageInChromium(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	pages := map[string][]byte{}
	for _, lang := range content.Langs() {
		var b bytes.Buffer
		if err := HTML(&b, build(t, result(t), lang)); err != nil {
			t.Fatal(err)
		}
		// Without its policy, which forbids what the page must not even try.
		policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)
		if !policy.Match(b.Bytes()) {
			t.Fatal("the page has no policy")
		}
		bare := policy.ReplaceAll(b.Bytes(), nil)
		pages["/"+string(lang)] = bytes.ReplaceAll(bare, []byte("<details>"), []byte("<details open>"))
	}
	var mu sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		page, known := pages[r.URL.Path]
		switch {
		case r.Host == "report.test" && r.URL.Path == "/":
			_, _ = fmt.Fprint(w, harness)
		case r.Host == "report.test" && known:
			_, _ = w.Write(page)
		default:
			mu.Lock()
			asked = append(asked, r.Method+" "+r.Host+r.URL.Path)
			mu.Unlock()
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	cmd := exec.CommandContext(t.Context(), chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--no-first-run", "--user-data-dir="+t.TempDir(),
		"--proxy-server="+server.Listener.Addr().String(), "--window-size=1400,900", "--virtual-time-budget=20000", "--dump-dom",
		"http://report.test/")
	dom, err := cmd.Output()
	if err != nil {
		t.Fatalf("run chromium: %v", err)
	}
	found := regexp.MustCompile(`<li>([^<]*)</li>`).FindAllStringSubmatch(string(dom), -1)
	if len(found) != 4*len(content.Langs()) {
		t.Fatalf("%d pages were measured:\n%s", len(found), dom)
	}
	for _, m := range found {
		var lang string
		var window, page, resources, height int
		if _, err := fmt.Sscanf(m[1], "%s %d %d %d %d", &lang, &window, &page, &resources, &height); err != nil {
			t.Fatalf("%q: %v", m[1], err)
		}
		if page > window {
			t.Errorf("%s: the page is %d wide in a window of %d", lang, page, window)
		}
		if resources != 0 {
			t.Errorf("%s: the page asked for %d resources", lang, resources)
		}
		if height < 1000 {
			t.Errorf("%s: the page is only %d high", lang, height)
		}
	}
	for _, request := range asked {
		// The browser looks for updates of its own now and then.
		if strings.Contains(request, "report.test") || strings.Contains(request, "example.com") {
			t.Errorf("the page asked for %s", request)
		}
	}
}

// harness opens the pages in windows of several widths and writes down what it
// sees of them.
const harness = `<!doctype html><link rel="icon" href="data:,"><ul></ul><script>
for (const lang of ["en", "de", "zh", "ko"]) for (const width of [320, 480, 800, 1280]) {
  const frame = document.createElement("iframe");
  frame.style = "border: 0; height: 600px; width: " + width + "px";
  frame.onload = () => {
    const root = frame.contentDocument.documentElement;
    const li = document.createElement("li");
    li.textContent = [lang, width, root.scrollWidth,
      frame.contentWindow.performance.getEntriesByType("resource").length, root.scrollHeight].join(" ");
    document.querySelector("ul").append(li);
  };
  frame.src = "/" + lang;
  document.body.append(frame);
}
</script>`

// Markdown of a task, from a lab of someone else, passes no HTML through, asks
// for no image and does not disturb the outline of the page.
func TestMarkdownOfTasksIsTame(t *testing.T) {
	r := build(t, result(t), content.English)
	r.Tasks = r.Tasks[:1]
	r.Tasks[0].Text = "# Big\n\n![a *picture*](http://example.com/x.png) <img src=http://example.com/y.png> [link](javascript:alert(2))\n\n<script>alert(3)</script>\n\n`a<b`"
	var b strings.Builder
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, bad := range []string{"<img", "example.com/x", "example.com/y", "javascript:", "alert(3)</script>", "<h1>Big"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	for _, want := range []string{"<h4>Big</h4>", "a <em>picture</em>", "<code>a&lt;b</code>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestLinesOfChineseAreJoined(t *testing.T) {
	for text, want := range map[string]string{
		"共享\n一个卷":       "<p>共享一个卷</p>\n",
		"日志里；\n还会":      "<p>日志里；还会</p>\n",
		"挂载到，\n`/logs`": "<p>挂载到，<code>/logs</code></p>\n",
		"创建\nPod":       "<p>创建\nPod</p>\n",
		"使用\n`nginx`":   "<p>使用\n<code>nginx</code></p>\n",
	} {
		var b strings.Builder
		if err := newMarkdown(content.Chinese).Convert([]byte(text), &b); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("%q: %q, want %q", text, b.String(), want)
		}
	}
}

func TestHTMLOfAnExamThatWasPassed(t *testing.T) {
	x := result(t)
	x.Tasks = x.Tasks[1:2]
	x.TimedOut, x.Late = false, false
	r := build(t, x, content.Korean)
	if r.Score != 100 || !r.Passed {
		t.Fatalf("score %d of %d, passed %v", r.Score, exam.PassMark, r.Passed)
	}
	var b strings.Builder
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<html lang="ko">`, `<p class="verdict passed">`, "직접 제출"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(b.String(), "ZgotmplZ") {
		t.Error("the template refused a value")
	}
}
