package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"waymark/internal/access"
	"waymark/internal/civil"
	"waymark/internal/contact"
	"waymark/internal/id"
	"waymark/internal/message"
	"waymark/internal/need"
	"waymark/internal/record"
	"waymark/internal/youngperson"
)

// TestWordsForYoungPeople: every language says everything, and nothing says what
// the trade says.
func TestWordsForYoungPeople(t *testing.T) {
	all, err := readYoung()
	if err != nil {
		t.Fatal(err)
	}
	en := all["en"]
	for language, w := range all {
		for key := range en {
			if strings.TrimSpace(w[key]) == "" {
				t.Errorf("%s does not say %q", language, key)
			}
		}
		for key := range w {
			if en[key] == "" {
				t.Errorf("%s says %q, which nothing asks for", language, key)
			}
		}
	}
	for _, d := range message.Doings() {
		if en["doing-"+string(d)] == "" {
			t.Errorf("there are no words for %q", d)
		}
	}
	for key, text := range en {
		if bad := regexp.MustCompile(`(?i)\b(NEET|EET|NCCIS|destination|participat\w*|provider|establishment|status|verif\w*|cohort|data)\b|\b[0-9]{3}\b`).FindString(text); bad != "" {
			t.Errorf("%s says %q: %s", key, bad, text)
		}
		for _, sentence := range regexp.MustCompile(`[.?!:]`).Split(text, -1) {
			if n := len(strings.Fields(sentence)); n > 20 {
				t.Errorf("%s has a sentence of %d words: %s", key, n, sentence)
			}
		}
		// Words of more than three syllables are few.
		for _, word := range strings.Fields(text) {
			if n := len(regexp.MustCompile(`(?i)[aeiouy]+`).FindAllString(strings.TrimSuffix(word, "e"), -1)); n > 5 && key != "accessibility-link" {
				t.Errorf("%s has the long word %q", key, word)
			}
		}
	}
}

func (h *house) addYoung(t *testing.T, given, number string) id.Ref {
	t.Helper()
	officer := access.Actor{Register: 1, Ref: "account:x", Name: "Dana Officer", Roles: []access.Role{access.DataOfficer}}
	ref, err := h.Record.Add(t.Context(), officer, record.NewPerson{Name: youngperson.Name{Given: given, Family: "Larkmoor"}, Born: civil.Must(2009, 3, 27), Gender: "F", Ethnicity: "WBRI",
		Address: youngperson.Address{Line1: "9 Kite Street", Postcode: "ZZ1 1AA"}, LeadLA: "991", EducatedLA: "991", Need: need.Need{Level: "3", SEND: "N", SENSupport: "N"}}, record.Told{Kind: "phone"})
	if err == nil {
		err = h.Record.SetReach(t.Context(), officer, ref, 0, youngperson.Reach{Kind: youngperson.Telephone, Value: number}, 0, record.Told{Kind: "phone"})
	}
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

var linkShown = regexp.MustCompile(`id="self-report-link" href="([^"]+)"`)

// hidden are the hidden fields of a page's form.
func hidden(page string) url.Values {
	out := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		out.Set(m[1], m[2])
	}
	return out
}

func TestSelfReportByPage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren := h.addYoung(t, "Wrenna", "07700 900001")
		page := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: "/young-people/" + string(wren) + "/messages", Form: url.Values{"act": {"link"}}}).Body.String()
		m := linkShown.FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no link is shown in %s", page)
		}
		link := m[1]
		if u, err := url.Parse(link); err != nil || u.Host == "" {
			t.Errorf("nobody can type %q into another browser", link)
		}
		never := strings.Replace(link, link[strings.LastIndex(link, "/")+1:], string(id.NewRef()), 1)
		ask := func(at string, v url.Values) (int, string) {
			v.Set("key", string(id.NewRef()))
			a := h.ask(Scenario{Method: "POST", URL: at, Form: v})
			return a.Code, a.Body.String()
		}
		born := func(day, lang string) url.Values {
			return url.Values{"stage": {"born"}, "born-day": {day}, "born-month": {"3"}, "born-year": {"2009"}, "lang": {lang}}
		}
		h.run(t, []Scenario{{Name: "it asks for a birth date and tells nothing", URL: link, Want: []string{"Tell us what you are doing now", "when were you born"}, WantNot: []string{"Wrenna", "Larkmoor", "NEET", "OFFICIAL", "Sign out"}},
			{Name: "and so does one that was never made", URL: never, Want: []string{"when were you born"}}})
		if cy := h.ask(Scenario{URL: link + "?lang=cy"}).Body.String(); !strings.Contains(cy, `<html lang="cy"`) || !strings.Contains(cy, "pryd cest ti dy eni") || strings.Contains(cy, "There is a problem") {
			t.Errorf("in Welsh it is %s", cy)
		}
		// What is wrong is said in the same words, whatever it is.
		_, a := ask(link, born("28", ""))
		_, b := ask(never, born("27", ""))
		same := func(page string) string {
			return regexp.MustCompile(`(name="key" value="[^"]+"|href="/a/[^"]+"|value="2[78]")`).ReplaceAllString(page, "")
		}
		if same(a) != same(b) || !strings.Contains(a, "do not work together") {
			t.Error("a wrong date and a wrong link are told apart")
		}
		code, page := ask(link, born("27", ""))
		if code != 200 || !strings.Contains(page, "What are you doing now?") || strings.Contains(page, "Wrenna") {
			t.Fatalf("%d: %s", code, page)
		}
		if code, wrong := ask(link, hidden(page)); code != 422 || !strings.Contains(wrong, "Choose what you are doing now") {
			t.Errorf("nothing chosen: %d", code)
		}
		next := hidden(page)
		next.Set("doing", "college")
		_, page = ask(link, next)
		next = hidden(page)
		next.Set("where", "Saltmarsh College")
		next.Set("since", "September")
		_, page = ask(link, next)
		next = hidden(page)
		next.Set("help", "no")
		code, page = ask(link, next)
		if code != 200 || !strings.Contains(page, "Thank you") {
			t.Fatalf("%d: %s", code, page)
		}
		if code, again := ask(link, next); code != 422 || !strings.Contains(again, "do not work together") {
			t.Errorf("sent again: %d", code)
		}
		page = h.ask(Scenario{As: access.Adviser, URL: "/messages/answers"}).Body.String()
		if !strings.Contains(page, "Wrenna Larkmoor") || !strings.Contains(page, "At college, at Saltmarsh College, since September.") {
			t.Errorf("the answers are %s", page)
		}
		use := strings.ReplaceAll(regexp.MustCompile(`href="(/young-people/[^"]+/answer\?[^"]+)"`).FindStringSubmatch(page)[1], "&amp;", "&")
		page = h.ask(Scenario{As: access.DataOfficer, URL: use}).Body.String()
		form := hidden(page)
		form.Set("contact-outcome", contact.Changed)
		for name, value := range map[string]string{"activity": "230", "started-day": "7", "started-month": "9", "started-year": "2026", "predicted-end-day": "7", "predicted-end-month": "7", "predicted-end-year": "2028", "establishment-name": "Saltmarsh College"} {
			form.Set(name, value)
		}
		h.run(t, []Scenario{
			{Name: "used", As: access.DataOfficer, Method: "POST", URL: strings.Split(use, "?")[0], Form: form, Status: 303, Location: "/messages/answers"},
			{Name: "it waits no more", As: access.Adviser, URL: "/messages/answers", Want: []string{"No answer waits"}},
			{Name: "the record", As: access.DataOfficer, URL: "/young-people/" + string(wren), Want: []string{"Saltmarsh College"}},
			{Name: "a commissioner sees no answers", As: access.Commissioner, URL: "/messages/answers", Status: 403},
		})
	})
}

func TestTheCarrierCalls(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.addYoung(t, "Wrenna", "07700 900001")
		call := func(at, token string, body any) int {
			text, err := json.Marshal(body)
			if s, ok := body.(string); ok {
				text, err = []byte(s), nil
			}
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "http://example.com"+at, strings.NewReader(string(text)))
			r.Header.Set("Authorization", token)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code
		}
		text := map[string]string{"id": "c-1", "source_number": "447700900001", "message": "I'm at college <script>alert(1)</script>"}
		const good = "Bearer a token for the carrier"
		for _, c := range []struct {
			at, token string
			body      any
			want      int
		}{
			{"/received/1/text", "", text, 401}, {"/received/1/text", "Bearer other", text, 401}, {"/received/2/text", good, text, 401}, {"/received/1/text", good, "{", 400},
			{"/received/1/text", good, map[string]string{"id": ""}, 400}, {"/received/1/text", good, text, 204}, {"/received/1/text", good, text, 204},
			{"/received/1/receipt", "Bearer other", map[string]string{}, 401}, {"/received/1/receipt", good, map[string]string{"reference": "nobody", "status": "delivered"}, 204},
		} {
			if got := call(c.at, c.token, c.body); got != c.want {
				t.Errorf("%s with %q and %v is answered %d, want %d", c.at, c.token, c.body, got, c.want)
			}
		}
		page := h.ask(Scenario{As: access.TeamManager, URL: "/messages/answers"}).Body.String()
		if strings.Count(page, "I&#39;m at college") != 1 || strings.Contains(page, "<script>alert") {
			t.Errorf("the answers are %s", page)
		}
	})
}

func TestSendingByPage(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		wren := h.addYoung(t, "Wrenna", "07700 900001")
		h.run(t, []Scenario{
			{Name: "no template yet", As: access.DataOfficer, URL: "/messages/new", Want: []string{"There is no template yet"}},
			{Name: "an adviser writes none", As: access.Adviser, URL: "/messages/templates/new", Status: 403},
			{Name: "an empty one", As: access.DataOfficer, Method: "POST", URL: "/messages/templates/new", Form: url.Values{}, Status: 422, Want: []string{"Select text, e-mail or letter", "Select the lawful basis", `href="#body"`}},
		})
		a := h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: "/messages/templates/new", Form: url.Values{"channel": {"text"}, "name": {"September check"}, "basis": {message.Bases()[0]}, "body": {"Hi ((first name)) <b>"}}})
		template := strings.TrimPrefix(a.Header().Get("Location"), "/messages/templates/")
		check := "/messages/check?template=" + template + "&person=" + string(wren)
		h.run(t, []Scenario{
			{Name: "the template", As: access.Adviser, URL: "/messages/templates/" + template, Want: []string{"September check", "((first name)) &lt;b&gt;"}},
			{Name: "nothing chosen", As: access.DataOfficer, URL: "/messages/check?template=&list=", Status: 422, Want: []string{"Choose a list", "Select which message"}},
			{Name: "looked at", As: access.DataOfficer, URL: check, Want: []string{"Hi Wrenna &lt;b&gt;", "Send 1 text", "sections 12 and 68"}},
			{Name: "not an adviser’s own", As: access.Adviser, URL: check, Want: []string{"somebody else is their adviser"}, WantNot: []string{"Send 1 text"}},
			{Name: "changed since", As: access.DataOfficer, Method: "POST", URL: "/messages/check", Form: url.Values{"template": {template}, "person": {string(wren)}, "shown": {"7"}}, Status: 422, Want: []string{"Look again"}},
			{Name: "nobody", As: access.DataOfficer, Method: "POST", URL: "/messages/check", Form: url.Values{"template": {template}, "list": {"nowhere"}, "shown": {"7"}}, Status: 404},
		})
		a = h.ask(Scenario{As: access.DataOfficer, Method: "POST", URL: "/messages/check", Form: url.Values{"template": {template}, "person": {string(wren)}, "shown": {"1"}}})
		sent := a.Header().Get("Location")
		if _, err := h.Messages.Worker(1).Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.run(t, []Scenario{
			{Name: "sent", As: access.DataOfficer, URL: sent, Want: []string{"Wrenna Larkmoor", "07700900001", "Delivered"}},
			{Name: "listed", As: access.TeamManager, URL: "/messages", Want: []string{"September check", "Test Data officer"}},
			{Name: "on the record", As: access.DataOfficer, URL: "/young-people/" + string(wren) + "/messages", Want: []string{"Hi Wrenna &lt;b&gt;"}},
			{Name: "and a contact", As: access.DataOfficer, URL: "/young-people/" + string(wren) + "/contacts", Want: []string{"Hi Wrenna"}},
			{Name: "stop without saying which", As: access.DataOfficer, Method: "POST", URL: "/young-people/" + string(wren) + "/messages", Form: url.Values{"act": {"stop"}}, Status: 422, Want: []string{"Select which messages"}},
			{Name: "stop", As: access.DataOfficer, Method: "POST", URL: "/young-people/" + string(wren) + "/messages", Form: url.Values{"act": {"stop"}, "channel": {"all"}, "said-by": {"Wrenna, by telephone"}}, Status: 303, Location: "/young-people/" + string(wren) + "/messages"},
			{Name: "stopped", As: access.DataOfficer, URL: check, Want: []string{"they want no messages like this"}, WantNot: []string{"Send 1 text"}},
			{Name: "not sure", As: access.DataOfficer, URL: "/messages/not-sure", Want: []string{"There is none"}},
			{Name: "jobs", As: access.Administrator, URL: "/jobs", Want: []string{"given up", "done"}},
			{Name: "jobs are not for advisers", As: access.Adviser, URL: "/jobs", Status: 403},
		})
		if !slices.Contains(access.Actions(), access.SendMessage) {
			t.Error("no rule knows of sending")
		}
	})
}
