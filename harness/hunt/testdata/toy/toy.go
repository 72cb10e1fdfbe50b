// Package toy is firmware with four times four bugs, each of which takes two calls to reach.
package toy

// Toy is a device with a door.
type Toy struct{ Door int64 }

// Poke breaks the toy if the spot and the door fit.
func (t *Toy) Poke(spot int64) {
	if spot%8 != 3 || t.Door%8 != 5 {
		return
	}
	switch (spot / 8) % 4 {
	case 0:
		t.north()
	case 1:
		t.east()
	case 2:
		t.south()
	case 3:
		t.west()
	}
}

func (t *Toy) north() { t.fall(t.northOf0, t.northOf1, t.northOf2, t.northOf3) }
func (t *Toy) east()  { t.fall(t.eastOf0, t.eastOf1, t.eastOf2, t.eastOf3) }
func (t *Toy) south() { t.fall(t.southOf0, t.southOf1, t.southOf2, t.southOf3) }
func (t *Toy) west()  { t.fall(t.westOf0, t.westOf1, t.westOf2, t.westOf3) }

func (t *Toy) fall(ways ...func()) { ways[(t.Door/8)%4]() }

func (t *Toy) northOf0() { panic("0") }
func (t *Toy) northOf1() { panic("1") }
func (t *Toy) northOf2() { panic("2") }
func (t *Toy) northOf3() { panic("3") }
func (t *Toy) eastOf0()  { panic("0") }
func (t *Toy) eastOf1()  { panic("1") }
func (t *Toy) eastOf2()  { panic("2") }
func (t *Toy) eastOf3()  { panic("3") }
func (t *Toy) southOf0() { panic("0") }
func (t *Toy) southOf1() { panic("1") }
func (t *Toy) southOf2() { panic("2") }
func (t *Toy) southOf3() { panic("3") }
func (t *Toy) westOf0()  { panic("0") }
func (t *Toy) westOf1()  { panic("1") }
func (t *Toy) westOf2()  { panic("2") }
func (t *Toy) westOf3()  { panic("3") }
