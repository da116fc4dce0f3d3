//! Generator and checker meet: what is generated passes the contract.
