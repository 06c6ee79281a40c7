package main
import ("testing";"fmt")
func TestRows(t *testing.T){
 for _,w:=range []int{10,50,200} { fmt.Printf("%d %+v\n",w,runRefusal(t,w)) }
 fmt.Printf("pause %+v\n",runPause(t))
 fmt.Println("maxrate",runMaxRate(t))
 fmt.Println("plain",runPlainCalls(t))
 for _,p:=range []int{1,2,8,12,32,256} { fmt.Println("503",p,runUnavailable(t,p)) }
 for _,p:=range []int{1,8} { n:=0; for range 20 { if runAway(t,p) {n++}}; fmt.Println("away",p,n) }
 fmt.Printf("rejections %+v\n",runRejections(t))
}
