// What litewitness needs beside itself: it takes its key from an ssh-agent
// alone, and its logs from rows of its database.
//
//	litewitness-keeper agent SOCKET SEED
//	litewitness-keeper add-log DATABASE VKEY
//
// SEED is 32 bytes in hexadecimal. `agent` prints the fingerprint of the key
// when the socket is ready, and ends with its standard input. The name of VKEY
// is the log's origin; litewitness must have made the database.
package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// The root of the empty tree, which a log that was never cosigned has.
const emptyRoot = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

func main() {
	if len(os.Args) != 4 {
		log.Fatal("agent SOCKET SEED, or add-log DATABASE VKEY")
	}
	var err error
	switch os.Args[1] {
	case "agent":
		err = lend(os.Args[2], os.Args[3])
	case "add-log":
		err = addLog(os.Args[2], os.Args[3])
	default:
		err = errors.New("unknown verb")
	}
	if err != nil {
		log.Fatal(err)
	}
}

func lend(socket, seedHex string) error {
	seed, err := hex.DecodeString(seedHex)
	if err != nil {
		return err
	}
	key := ed25519.NewKeyFromSeed(seed)
	keyring := agent.NewKeyring()
	if err := keyring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		return err
	}
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keyring, connection) }()
		}
	}()
	fmt.Println(ssh.FingerprintSHA256(public))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func addLog(path, vkey string) error {
	origin, _, found := strings.Cut(vkey, "+")
	if !found {
		return errors.New("not a verifier key")
	}
	db, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	for _, row := range []struct {
		statement string
		values    []any
	}{
		{"INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)", []any{origin, emptyRoot}},
		{"INSERT INTO key (origin, key) VALUES (?, ?)", []any{origin, vkey}},
	} {
		options := &sqlitex.ExecOptions{Args: row.values}
		if err := sqlitex.Execute(db, row.statement, options); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}
