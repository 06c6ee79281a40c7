package flowretailtest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// A refusal is an answer outside 2xx. Its detail names a field or parameter,
// and never has a value.
type refusal struct {
	status int
	code   string
	detail string
}

func refuse(status int, code string, detail ...string) *refusal {
	return &refusal{status, code, strings.Join(detail, "")}
}

func badRequest(code string, detail ...string) *refusal {
	return refuse(http.StatusBadRequest, code, detail...)
}

// messages has, by code, the message in English and in Norwegian. %s is the detail.
var messages = map[string][2]string{
	"UNKNOWN_ROUTE":        {"There is no such path.", "Stien finnes ikke."},
	"METHOD_NOT_ALLOWED":   {"The path does not take this method.", "Stien støtter ikke denne metoden."},
	"NOT_ACCEPTABLE":       {"The answer is application/json, which the request does not accept.", "Svaret er application/json, som forespørselen ikke godtar."},
	"TOKEN_MISSING":        {"The request has no token.", "Forespørselen mangler token."},
	"TOKEN_INVALID":        {"The token is unknown or revoked.", "Tokenet er ukjent eller trukket tilbake."},
	"TOKEN_EXPIRED":        {"The token has expired.", "Tokenet er utløpt."},
	"TOKEN_NOT_EXPECTED":   {"The operation takes no token.", "Operasjonen tar ikke imot token."},
	"WRONG_TOKEN":          {"The operation takes another kind of token: %s.", "Operasjonen krever en annen type token: %s."},
	"WRONG_LOGIN":          {"The user code or the password is wrong.", "Brukerkoden eller passordet er feil."},
	"NO_TENANT_ACCESS":     {"The token has no access to the tenant.", "Tokenet har ikke tilgang til denne kunden."},
	"PERMISSION_MISSING":   {"The user lacks the permission %s.", "Brukeren mangler tilgangen %s."},
	"USER_NOT_ACTIVE":      {"The user is not active.", "Brukeren er ikke aktiv."},
	"INVALID_UID":          {"%s is not a UID.", "%s er ikke en UID."},
	"UNKNOWN_PARAMETER":    {"There is no query parameter %s.", "Parameteren %s finnes ikke."},
	"REPEATED_PARAMETER":   {"The query parameter %s stands there more than once.", "Parameteren %s er oppgitt flere ganger."},
	"INVALID_PARAMETER":    {"The query parameter %s has a value that it cannot have.", "Parameteren %s har en ugyldig verdi."},
	"INVALID_HEADER":       {"The header %s is missing, or must not be there.", "Headeren %s mangler, eller skal ikke være der."},
	"INVALID_CONTENT_TYPE": {"The body must be application/json.", "Innholdet må være application/json."},
	"BODY_NOT_EXPECTED":    {"The operation takes no body.", "Operasjonen tar ikke imot innhold."},
	"BODY_TOO_LARGE":       {"The body is too large.", "Innholdet er for stort."},
	"MALFORMED_JSON":       {"The body is not one JSON object.", "Innholdet er ikke ett JSON-objekt."},
	"UNKNOWN_FIELD":        {"There is no field %s.", "Feltet %s finnes ikke."},
	"REPEATED_FIELD":       {"The field %s stands there twice.", "Feltet %s er oppgitt to ganger."},
	"FIELD_REQUIRED":       {"The field %s is required.", "Feltet %s er påkrevd."},
	"WRONG_TYPE":           {"The field %s has the wrong type.", "Feltet %s har feil type."},
	"UNKNOWN_VALUE":        {"The field %s has a value that it cannot have.", "Feltet %s har en ugyldig verdi."},
	"UNKNOWN_REFERENCE":    {"%s refers to something that does not exist.", "%s viser til noe som ikke finnes."},
	"TENANT_NOT_FOUND":     {"The tenant does not exist.", "Kunden finnes ikke."},
	"USER_NOT_FOUND":       {"The user does not exist.", "Brukeren finnes ikke."},
	"STORE_NOT_FOUND":      {"The store does not exist.", "Butikken finnes ikke."},
	"SUBSCRIBER_NOT_FOUND": {"The subscriber does not exist.", "Abonnenten finnes ikke."},
	"USER_TOKEN_NOT_FOUND": {"The integration token does not exist.", "Integrasjonstokenet finnes ikke."},
	"INVITE_NOT_FOUND":     {"The invitation does not exist.", "Invitasjonen finnes ikke."},
	"INVITE_ACCEPTED":      {"The invitation has been accepted before.", "Invitasjonen er allerede akseptert."},
	"UID_EXISTS":           {"%s exists already.", "%s finnes allerede."},
	"NOT_AN_INTEGRATION":   {"Only a user of account type INTEGRATION has integration tokens.", "Bare brukere av kontotypen INTEGRATION har integrasjonstoken."},
	"TOO_MANY_REQUESTS":    {"Too many requests.", "For mange forespørsler."},
	"INTERNAL_ERROR":       {"Something went wrong.", "Noe gikk galt."},
	"SERVICE_UNAVAILABLE":  {"The service is not available.", "Tjenesten er ikke tilgjengelig."},
	"REFUSED":              {"The request was refused.", "Forespørselen ble avvist."},
}

// errorBody is the body of an answer outside 2xx.
type errorBody struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	LogID   string `json:"logId"`
}

// explain words a refusal in a language. The caller holds the lock.
func (f *Fake) explain(r *refusal, language string) errorBody {
	f.logged++
	texts := messages[r.code]
	text := texts[0]
	if language == norwegian {
		text = texts[1]
	}
	if strings.Contains(text, "%s") {
		text = fmt.Sprintf(text, r.detail)
	}
	return errorBody{Code: r.code, Message: text, LogID: uid(mix(f.config.seed, ofLog), f.logged)}
}

const (
	english   = "en"
	norwegian = "nb"
)

// language chooses between the languages of the messages: what the header
// prefers, then the language of the user, then English.
func language(header, ofUser string) string {
	best, weight := "", 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, parameter, weighted := strings.Cut(part, ";")
		known := supported(tag)
		if known == "" {
			continue
		}
		quality := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); weighted && ok {
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			quality = parsed
		}
		if quality > weight {
			best, weight = known, quality
		}
	}
	if best == "" {
		best = supported(ofUser)
	}
	if best == "" {
		best = english
	}
	return best
}

func supported(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	switch primary {
	case "en":
		return english
	case "nb", "nn", "no":
		return norwegian
	}
	return ""
}
