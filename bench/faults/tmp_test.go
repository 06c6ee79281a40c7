package main
import ("testing";"fmt")
func TestSil(t *testing.T){
 fmt.Println(runSilence())
}
